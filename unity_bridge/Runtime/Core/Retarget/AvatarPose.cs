namespace MocapBridge
{
    /// <summary>What an avatar is to do. Made once and filled again and again.</summary>
    public sealed class AvatarPose
    {
        /// <summary>
        /// By HumanBodyBones, in the avatar's root: bone.rotation = root.rotation * this, parents
        /// first. Only those that the retarget drives mean anything.
        /// </summary>
        public readonly Quat[] Rotations = new Quat[HumanBones.Count];

        /// <summary>
        /// [m] In the avatar's root, its travel included, the floor at height 0:
        /// hips.position = root.position + root.rotation * this.
        /// </summary>
        public Vec3 Hips;
    }
}
