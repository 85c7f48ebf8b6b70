using System;

namespace MocapBridge
{
    /// <summary>
    /// A Humanoid avatar in its T-pose: where its bones are and how they are turned, whatever their
    /// own axes. In the avatar's root, without the root's scale.
    /// </summary>
    public sealed class AvatarRest
    {
        readonly Vec3[] _positions = new Vec3[HumanBones.Count];
        readonly Quat[] _rotations = new Quat[HumanBones.Count];
        readonly bool[] _has = new bool[HumanBones.Count];

        /// <summary>Tells of one bone; all that the avatar has, in any order.</summary>
        /// <param name="bone">By HumanBodyBones.</param>
        /// <param name="position">
        /// [m] inverse(root.rotation) * (bone.position - root.position), in the T-pose.
        /// </param>
        /// <param name="rotation">inverse(root.rotation) * bone.rotation, in the T-pose.</param>
        public void Set(int bone, Vec3 position, Quat rotation)
        {
            _positions[bone] = position;
            _rotations[bone] = rotation.Normalized();
            _has[bone] = true;
        }

        public bool Has(int bone) => _has[bone];

        public Vec3 Position(int bone) => _positions[bone];

        public Quat Rotation(int bone) => _rotations[bone];

        /// <summary>
        /// What keeps this avatar from being moved, a sentence for users; empty if nothing does.
        /// </summary>
        public string Problem()
        {
            var missing = "";
            for (var bone = 0; bone < HumanBones.Count; bone++)
                if (HumanBones.IsRequired(bone) && !_has[bone])
                    missing += (missing.Length > 0 ? ", " : "") + HumanBones.UnityName(bone);
            if (missing.Length > 0)
                return $"the avatar lacks {missing}; is its rig imported as Humanoid?";
            var thigh = _positions[HumanBones.LeftLowerLeg] - _positions[HumanBones.LeftUpperLeg];
            if (!(thigh.Length > 0 && thigh.Y < -0.3f * thigh.Length))
                return "the avatar does not stand in its T-pose; enforce it in the rig's import settings";
            return "";
        }

        /// <summary>The bone above that the avatar has; -1 for the hips.</summary>
        internal int Above(int bone)
        {
            do
                bone = HumanBones.Parent(bone);
            while (bone >= 0 && !_has[bone]);
            return bone;
        }
    }
}
