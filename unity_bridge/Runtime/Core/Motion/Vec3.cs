using System;

namespace MocapBridge
{
    /// <summary>
    /// A vector of three floats. Core's own, so that it compiles and is tested without an engine.
    /// </summary>
    public readonly struct Vec3
    {
        public readonly float X, Y, Z;

        public Vec3(float x, float y, float z)
        {
            X = x;
            Y = y;
            Z = z;
        }

        public static Vec3 Zero => new Vec3(0, 0, 0);

        public float Length => (float)Math.Sqrt(Dot(this, this));

        public static Vec3 operator +(Vec3 a, Vec3 b) => new Vec3(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

        public static Vec3 operator -(Vec3 a, Vec3 b) => new Vec3(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

        public static Vec3 operator *(float s, Vec3 v) => new Vec3(s * v.X, s * v.Y, s * v.Z);

        public static float Dot(Vec3 a, Vec3 b) => a.X * b.X + a.Y * b.Y + a.Z * b.Z;

        public static Vec3 Cross(Vec3 a, Vec3 b) =>
            new Vec3(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);

        /// <summary>The point at share <paramref name="t"/> (0 to 1) of the way from a to b.</summary>
        public static Vec3 Lerp(Vec3 a, Vec3 b, float t) => a + t * (b - a);

        public override string ToString() => $"({X}, {Y}, {Z})";
    }
}
