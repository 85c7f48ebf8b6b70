using UnityEngine;

namespace MocapBridge
{
    /// <summary>Between the core's numbers and Unity's; both have the same axes and units.</summary>
    internal static class Conversions
    {
        public static Vector3 ToUnity(this Vec3 v) => new Vector3(v.X, v.Y, v.Z);

        public static Quaternion ToUnity(this Quat q) => new Quaternion(q.X, q.Y, q.Z, q.W);

        public static Vec3 ToCore(this Vector3 v) => new Vec3(v.x, v.y, v.z);

        public static Quat ToCore(this Quaternion q) => new Quat(q.x, q.y, q.z, q.w);
    }
}
