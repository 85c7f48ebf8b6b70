using UnityEngine;

namespace MocapBridge
{
    /// <summary>Draws a tree of empty objects as bones, so that an imported skeleton can be seen.</summary>
    [AddComponentMenu("Mocap Bridge/Mocap Skeleton")]
    [DisallowMultipleComponent]
    public sealed class MocapSkeleton : MonoBehaviour
    {
        [SerializeField] Color color = new Color(0.2f, 0.9f, 0.5f);

        void OnDrawGizmos()
        {
            Gizmos.color = color;
            foreach (Transform child in transform)
                Draw(child);
        }

        static void Draw(Transform bone)
        {
            foreach (Transform child in bone)
            {
                Gizmos.DrawLine(bone.position, child.position);
                Draw(child);
            }
        }
    }
}
