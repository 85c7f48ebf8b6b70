// Vectors and rotations with Unity's conventions: left-handed, +Y up, +Z forward, degrees.
// Quaternions multiply as anywhere (a * b turns by b first); only the axes are left-handed.

using System;

namespace UnityEngine
{
    [Serializable]
    public struct Vector2 : IEquatable<Vector2>
    {
        public float x, y;

        public Vector2(float x, float y) { this.x = x; this.y = y; }

        public static Vector2 zero { get { return new Vector2(0f, 0f); } }
        public static Vector2 one { get { return new Vector2(1f, 1f); } }
        public bool Equals(Vector2 other) { return x == other.x && y == other.y; }
        public override bool Equals(object other) { return other is Vector2 && Equals((Vector2)other); }
        public override int GetHashCode() { return x.GetHashCode() ^ (y.GetHashCode() << 2); }
    }

    [Serializable]
    public struct Vector3 : IEquatable<Vector3>
    {
        public float x, y, z;

        public Vector3(float x, float y, float z) { this.x = x; this.y = y; this.z = z; }

        public static Vector3 zero { get { return new Vector3(0f, 0f, 0f); } }
        public static Vector3 one { get { return new Vector3(1f, 1f, 1f); } }
        public static Vector3 up { get { return new Vector3(0f, 1f, 0f); } }
        public static Vector3 down { get { return new Vector3(0f, -1f, 0f); } }
        public static Vector3 right { get { return new Vector3(1f, 0f, 0f); } }
        public static Vector3 left { get { return new Vector3(-1f, 0f, 0f); } }
        public static Vector3 forward { get { return new Vector3(0f, 0f, 1f); } }
        public static Vector3 back { get { return new Vector3(0f, 0f, -1f); } }

        public float this[int i]
        {
            get { return i == 0 ? x : i == 1 ? y : i == 2 ? z : Out(); }
            set { if (i == 0) { x = value; } else if (i == 1) { y = value; } else if (i == 2) { z = value; } else { Out(); } }
        }

        public float sqrMagnitude { get { return x * x + y * y + z * z; } }
        public float magnitude { get { return (float)Math.Sqrt(sqrMagnitude); } }

        public Vector3 normalized
        {
            get { float m = magnitude; return m > 1e-5f ? this / m : zero; }
        }

        public static Vector3 operator +(Vector3 a, Vector3 b) { return new Vector3(a.x + b.x, a.y + b.y, a.z + b.z); }
        public static Vector3 operator -(Vector3 a, Vector3 b) { return new Vector3(a.x - b.x, a.y - b.y, a.z - b.z); }
        public static Vector3 operator -(Vector3 a) { return new Vector3(-a.x, -a.y, -a.z); }
        public static Vector3 operator *(Vector3 a, float k) { return new Vector3(a.x * k, a.y * k, a.z * k); }
        public static Vector3 operator *(float k, Vector3 a) { return a * k; }
        public static Vector3 operator /(Vector3 a, float k) { return new Vector3(a.x / k, a.y / k, a.z / k); }
        public static bool operator ==(Vector3 a, Vector3 b) { return (a - b).sqrMagnitude < 9.99999944e-11f; }
        public static bool operator !=(Vector3 a, Vector3 b) { return !(a == b); }

        public static float Dot(Vector3 a, Vector3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
        public static Vector3 Scale(Vector3 a, Vector3 b) { return new Vector3(a.x * b.x, a.y * b.y, a.z * b.z); }
        public static float Distance(Vector3 a, Vector3 b) { return (a - b).magnitude; }
        public static float Angle(Vector3 a, Vector3 b)
        {
            double c = Dot(a, b) / Math.Sqrt((double)a.sqrMagnitude * b.sqrMagnitude);
            return (float)(Math.Acos(Math.Max(-1.0, Math.Min(1.0, c))) * 180.0 / Math.PI);
        }
        public static Vector3 Lerp(Vector3 a, Vector3 b, float t) { return a + (b - a) * Mathf.Clamp01(t); }
        public static Vector3 Cross(Vector3 a, Vector3 b)
        {
            return new Vector3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
        }

        public bool Equals(Vector3 other) { return x == other.x && y == other.y && z == other.z; }
        public override bool Equals(object other) { return other is Vector3 && Equals((Vector3)other); }
        public override int GetHashCode() { return x.GetHashCode() ^ (y.GetHashCode() << 2) ^ (z.GetHashCode() >> 2); }
        public override string ToString() { return string.Format("({0}, {1}, {2})", x, y, z); }

        private static float Out() { throw new IndexOutOfRangeException("Invalid Vector3 index!"); }
    }

    [Serializable]
    public struct Quaternion : IEquatable<Quaternion>
    {
        public float x, y, z, w;

        public Quaternion(float x, float y, float z, float w) { this.x = x; this.y = y; this.z = z; this.w = w; }

        public static Quaternion identity { get { return new Quaternion(0f, 0f, 0f, 1f); } }

        public Quaternion normalized
        {
            get
            {
                float n = (float)Math.Sqrt(Dot(this, this));
                return n < 1e-20f ? identity : new Quaternion(x / n, y / n, z / n, w / n);
            }
        }

        public static Quaternion operator *(Quaternion a, Quaternion b)
        {
            return new Quaternion(
                a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
                a.w * b.y + a.y * b.w + a.z * b.x - a.x * b.z,
                a.w * b.z + a.z * b.w + a.x * b.y - a.y * b.x,
                a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z);
        }

        public static Vector3 operator *(Quaternion q, Vector3 v)
        {
            Vector3 u = new Vector3(q.x, q.y, q.z);
            Vector3 t = 2f * Vector3.Cross(u, v);
            return v + q.w * t + Vector3.Cross(u, t);
        }

        public static bool operator ==(Quaternion a, Quaternion b) { return Dot(a, b) > 1f - 1e-6f; }
        public static bool operator !=(Quaternion a, Quaternion b) { return !(a == b); }
        public static float Dot(Quaternion a, Quaternion b) { return a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w; }
        public static Quaternion Inverse(Quaternion q)
        {
            float n = Dot(q, q);
            return new Quaternion(-q.x / n, -q.y / n, -q.z / n, q.w / n);
        }
        public static Quaternion Normalize(Quaternion q) { return q.normalized; }
        public static float Angle(Quaternion a, Quaternion b)
        {
            float d = Math.Min(Math.Abs(Dot(a, b)), 1f);
            return d > 1f - 1e-6f ? 0f : (float)(2.0 * Math.Acos(d) * 180.0 / Math.PI);
        }

        /// <summary>Degrees about an axis; clockwise as seen from the tip of the axis looking back.</summary>
        public static Quaternion AngleAxis(float angle, Vector3 axis)
        {
            Vector3 u = axis.normalized;
            double half = angle * Math.PI / 360.0;
            float s = (float)Math.Sin(half);
            return new Quaternion(u.x * s, u.y * s, u.z * s, (float)Math.Cos(half));
        }

        /// <summary>About z, then x, then y.</summary>
        public static Quaternion Euler(float x, float y, float z)
        {
            return AngleAxis(y, Vector3.up) * AngleAxis(x, Vector3.right) * AngleAxis(z, Vector3.forward);
        }

        public static Quaternion Euler(Vector3 v) { return Euler(v.x, v.y, v.z); }

        public static Quaternion FromToRotation(Vector3 from, Vector3 to)
        {
            Vector3 a = from.normalized, b = to.normalized;
            float d = Vector3.Dot(a, b);
            if (d < -0.999999f)
            {
                Vector3 side = Vector3.Cross(Vector3.right, a);
                if (side.sqrMagnitude < 1e-6f) { side = Vector3.Cross(Vector3.up, a); }
                return AngleAxis(180f, side);
            }
            Vector3 c = Vector3.Cross(a, b);
            return new Quaternion(c.x, c.y, c.z, 1f + d).normalized;
        }

        public static Quaternion Slerp(Quaternion a, Quaternion b, float t)
        {
            t = Mathf.Clamp01(t);
            double d = Dot(a, b);
            double sign = d < 0.0 ? -1.0 : 1.0;
            d = Math.Abs(d);
            double from = 1.0 - t, to = t;
            if (d < 0.9999)
            {
                double angle = Math.Acos(d);
                from = Math.Sin(from * angle) / Math.Sin(angle);
                to = Math.Sin(to * angle) / Math.Sin(angle);
            }
            float p = (float)from, q = (float)(to * sign);
            return new Quaternion(p * a.x + q * b.x, p * a.y + q * b.y, p * a.z + q * b.z, p * a.w + q * b.w).normalized;
        }

        public bool Equals(Quaternion other) { return x == other.x && y == other.y && z == other.z && w == other.w; }
        public override bool Equals(object other) { return other is Quaternion && Equals((Quaternion)other); }
        public override int GetHashCode() { return x.GetHashCode() ^ (y.GetHashCode() << 2) ^ (z.GetHashCode() >> 2) ^ (w.GetHashCode() >> 1); }
        public override string ToString() { return string.Format("({0}, {1}, {2}, {3})", x, y, z, w); }
    }

    public static class Mathf
    {
        public const float PI = (float)Math.PI;

        public static float Clamp01(float v) { return v < 0f ? 0f : v > 1f ? 1f : v; }
        public static float Clamp(float v, float min, float max) { return v < min ? min : v > max ? max : v; }
        public static int Clamp(int v, int min, int max) { return v < min ? min : v > max ? max : v; }
        public static float Max(float a, float b) { return a > b ? a : b; }
        public static int Max(int a, int b) { return a > b ? a : b; }
        public static float Min(float a, float b) { return a < b ? a : b; }
        public static int Min(int a, int b) { return a < b ? a : b; }
        public static float Abs(float v) { return Math.Abs(v); }
        public static float Sqrt(float v) { return (float)Math.Sqrt(v); }
        public static float Exp(float v) { return (float)Math.Exp(v); }
        public static float Sin(float v) { return (float)Math.Sin(v); }
        public static float Cos(float v) { return (float)Math.Cos(v); }
        public static int RoundToInt(float v) { return (int)Math.Round(v); }
        public static float Lerp(float a, float b, float t) { return a + (b - a) * Clamp01(t); }
        public static float MoveTowards(float a, float b, float by) { return Math.Abs(b - a) <= by ? b : a + Math.Sign(b - a) * by; }
        public static bool Approximately(float a, float b) { return Math.Abs(b - a) < Math.Max(1e-6f * Math.Max(Math.Abs(a), Math.Abs(b)), float.Epsilon * 8f); }
    }

    [Serializable]
    public struct Color
    {
        public float r, g, b, a;

        public Color(float r, float g, float b, float a = 1f) { this.r = r; this.g = g; this.b = b; this.a = a; }

        public static Color white { get { return new Color(1f, 1f, 1f); } }
        public static Color red { get { return new Color(1f, 0f, 0f); } }
        public static Color green { get { return new Color(0f, 1f, 0f); } }
        public static Color yellow { get { return new Color(1f, 0.92f, 0.016f); } }
        public static Color gray { get { return new Color(0.5f, 0.5f, 0.5f); } }
        public static Color HSVToRGB(float h, float s, float v)
        {
            float i = (float)Math.Floor(h * 6f), f = h * 6f - i;
            float p = v * (1f - s), q = v * (1f - f * s), t = v * (1f - (1f - f) * s);
            switch ((int)i % 6)
            {
                case 0: return new Color(v, t, p);
                case 1: return new Color(q, v, p);
                case 2: return new Color(p, v, t);
                case 3: return new Color(p, q, v);
                case 4: return new Color(t, p, v);
                default: return new Color(v, p, q);
            }
        }
        public static Color Lerp(Color a, Color b, float t)
        {
            t = Mathf.Clamp01(t);
            return new Color(a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t, a.a + (b.a - a.a) * t);
        }
    }

    [Serializable]
    public struct Rect
    {
        public float x, y, width, height;

        public Rect(float x, float y, float width, float height) { this.x = x; this.y = y; this.width = width; this.height = height; }
    }
}
