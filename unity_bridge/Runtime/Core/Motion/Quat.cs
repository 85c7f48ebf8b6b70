using System;

namespace MocapBridge
{
    /// <summary>
    /// A unit quaternion x, y, z, w (Hamilton). <c>a * b</c> turns by b first, as in Unity; the
    /// formulas are the same in left-handed and right-handed axes.
    /// </summary>
    public readonly struct Quat
    {
        const float Epsilon = 1e-12f;

        public readonly float X, Y, Z, W;

        public Quat(float x, float y, float z, float w)
        {
            X = x;
            Y = y;
            Z = z;
            W = w;
        }

        public static Quat Identity => new Quat(0, 0, 0, 1);

        /// <summary>1 for a rotation.</summary>
        public float SquaredNorm => X * X + Y * Y + Z * Z + W * W;

        public static Quat operator *(Quat a, Quat b) =>
            new Quat(
                a.W * b.X + a.X * b.W + a.Y * b.Z - a.Z * b.Y,
                a.W * b.Y - a.X * b.Z + a.Y * b.W + a.Z * b.X,
                a.W * b.Z + a.X * b.Y - a.Y * b.X + a.Z * b.W,
                a.W * b.W - a.X * b.X - a.Y * b.Y - a.Z * b.Z);

        /// <summary>The vector, turned.</summary>
        public static Vec3 operator *(Quat q, Vec3 v)
        {
            var axis = new Vec3(q.X, q.Y, q.Z);
            var t = 2 * Vec3.Cross(axis, v);
            return v + q.W * t + Vec3.Cross(axis, t);
        }

        public Quat Inverse() => new Quat(-X, -Y, -Z, W);

        /// <summary>The same rotation at length 1; the identity if the length is 0.</summary>
        public Quat Normalized()
        {
            var norm = (float)Math.Sqrt(SquaredNorm);
            return norm > Epsilon ? new Quat(X / norm, Y / norm, Z / norm, W / norm) : Identity;
        }

        public static float Dot(Quat a, Quat b) => a.X * b.X + a.Y * b.Y + a.Z * b.Z + a.W * b.W;

        /// <summary>The angle [rad] of the rotation that leads from a to b, 0 to pi.</summary>
        public static float Angle(Quat a, Quat b)
        {
            var d = a.Inverse() * b;
            var sine = Math.Sqrt(d.X * d.X + d.Y * d.Y + d.Z * d.Z);
            return (float)(2 * Math.Atan2(sine, Math.Abs(d.W)));
        }

        /// <summary>
        /// The rotation at share <paramref name="t"/> (0 to 1) of the shorter way from a to b.
        /// </summary>
        public static Quat Slerp(Quat a, Quat b, float t)
        {
            var cosine = Dot(a, b);
            var sign = cosine < 0 ? -1f : 1f;
            cosine *= sign;
            float from = 1 - t, to = t;
            if (cosine < 0.9995f) // nearer than that a straight line is as good, and 0 / 0 far off
            {
                var angle = Math.Acos(cosine);
                var sine = Math.Sin(angle);
                from = (float)(Math.Sin((1 - t) * angle) / sine);
                to = (float)(Math.Sin(t * angle) / sine);
            }
            to *= sign;
            return new Quat(
                from * a.X + to * b.X, from * a.Y + to * b.Y,
                from * a.Z + to * b.Z, from * a.W + to * b.W).Normalized();
        }

        /// <summary>
        /// The shortest rotation that brings one direction to another; the identity where one of
        /// them has no length. Opposite ones: half a turn about some axis square to them.
        /// </summary>
        public static Quat Arc(Vec3 from, Vec3 to)
        {
            var length = from.Length * to.Length;
            if (length < Epsilon)
                return Identity;
            var w = length + Vec3.Dot(from, to);
            if (w > 1e-6f * length)
            {
                var axis = Vec3.Cross(from, to);
                return new Quat(axis.X, axis.Y, axis.Z, w).Normalized();
            }
            var square = Math.Abs(from.X) < 0.6f * from.Length
                ? Vec3.Cross(from, new Vec3(1, 0, 0))
                : Vec3.Cross(from, new Vec3(0, 1, 0));
            return new Quat(square.X, square.Y, square.Z, 0).Normalized();
        }

        public override string ToString() => $"({X}, {Y}, {Z}, {W})";
    }
}
