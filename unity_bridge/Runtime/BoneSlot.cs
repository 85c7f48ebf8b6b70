using System;
using UnityEngine;

namespace MocapBridge
{
    /// <summary>What differs from the usual for one bone: its Transform, or that it is left alone.</summary>
    [Serializable]
    public sealed class BoneSlot
    {
        [Tooltip("The human bone.")]
        public HumanBodyBones bone;

        [Tooltip("The Transform that plays it. Empty: the one that the Animator's Avatar names.")]
        public Transform transform;

        [Tooltip("Whether the capture moves it. Off: the bone is left to the Animator.")]
        public bool follow = true;
    }

    /// <summary>How one Transform lies in its parent in the T-pose that was stored.</summary>
    [Serializable]
    public struct StoredRest
    {
        public Transform transform;
        public Vector3 position;
        public Quaternion rotation;
    }
}
