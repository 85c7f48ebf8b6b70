namespace MocapBridge
{
    /// <summary>
    /// The one place where axes change. On the wire: right-handed, +Y up, a person at rest faces
    /// +Z, their left is +X. In Unity: left-handed, +Y up, facing +Z, their left is -X. Both in
    /// metres, both with quaternions x, y, z, w: the one is the mirror image of the other along x.
    /// </summary>
    /// <remarks>The mapping is its own inverse.</remarks>
    public static class Coordinates
    {
        /// <summary>A position or direction from the wire to Unity, or back.</summary>
        public static Vec3 Position(float x, float y, float z) => new Vec3(-x, y, z);

        /// <summary>A rotation from the wire to Unity, or back.</summary>
        public static Quat Rotation(float x, float y, float z, float w) => new Quat(x, -y, -z, w);
    }
}
