using UnityEngine;

namespace MocapBridge
{
    /// <summary>
    /// Draws everyone who is seen as lines, in the Scene view and, with its Gizmos button, in the
    /// Game view: to see that motion comes before there is any character.
    /// </summary>
    [AddComponentMenu("Mocap Bridge/Mocap Gizmos")]
    [DisallowMultipleComponent]
    public sealed class MocapGizmos : MonoBehaviour
    {
        [Tooltip("Where motion comes from. Empty: the one in this object, or the first in the scene.")]
        [SerializeField] MocapReceiver receiver;

        [Tooltip("[m] The size of the joints.")]
        [Min(0f)]
        [SerializeField] float joints = 0.015f;

        readonly PersonPose _pose = new PersonPose();
        readonly FigurePose _figure = new FigurePose();

        public MocapReceiver Receiver { get => receiver; set => receiver = value; }

        /// <summary>The colour in which a person is drawn; paler while they are out of sight.</summary>
        public static Color ColorOf(int person, TrackState state)
        {
            var hue = (0.33f + 0.382f * (person & 0xff)) % 1f;
            var color = Color.HSVToRGB(hue, 0.7f, 1f);
            return state == TrackState.Tracked ? color : Color.Lerp(color, Color.gray, state == TrackState.Held ? 0.4f : 0.8f);
        }

        void OnDrawGizmos()
        {
            var source = receiver;
            if (source == null && !TryGetComponent(out source))
                source = MocapReceiver.First;
            if (source == null || !source.IsLive)
                return;
            for (var i = 0; i < source.People.Count; i++)
                Draw(source, source.People[i]);
        }

        void Draw(MocapReceiver source, int person)
        {
            var cast = source.Cast;
            var place = cast == null ? -1 : cast.IndexOf(person);
            if (place < 0 || !source.TryGetPose(person, _pose))
                return;
            _figure.Solve(_pose, cast, place);
            Gizmos.color = ColorOf(person, _pose.State);
            for (var i = 0; i < cast.Skeleton.Count; i++)
            {
                var at = transform.TransformPoint(_figure.Positions[i].ToUnity());
                Gizmos.DrawSphere(at, joints);
                if (cast.Skeleton.Parent(i) >= 0)
                    Gizmos.DrawLine(transform.TransformPoint(_figure.Positions[cast.Skeleton.Parent(i)].ToUnity()), at);
            }
        }
    }
}
