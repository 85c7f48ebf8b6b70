using System;

namespace MocapBridge
{
    /// <summary>What every frame has to be, however it came. Raises ProtocolException.</summary>
    internal static class FrameChecks
    {
        const float UnitNorm = 2e-3f; // squared norms further from 1 were not meant as rotations
        const double Latest = 1e12; // [s]

        public static double Time(double t) =>
            Math.Abs(t) <= Latest ? t : throw Wrong("t", "seconds", t);

        /// <summary>The position in Unity's axes of three numbers of the wire.</summary>
        public static Vec3 Root(float x, float y, float z)
        {
            var position = Coordinates.Position(x, y, z);
            const float most = (float)HelloDecoder.Farthest;
            if (Math.Abs(x) <= most && Math.Abs(y) <= most && Math.Abs(z) <= most)
                return position;
            throw Wrong("root", $"numbers up to {most:0}", position);
        }

        /// <summary>
        /// The rotation in Unity's axes of four numbers of the wire, at norm 1 where rounding left
        /// it nearby.
        /// </summary>
        public static Quat Rotation(float x, float y, float z, float w)
        {
            var rotation = Coordinates.Rotation(x, y, z, w);
            if (Math.Abs(rotation.SquaredNorm - 1) <= UnitNorm)
                return rotation.Normalized();
            throw Wrong("rotations", "unit quaternions", rotation);
        }

        public static float Confidence(float value) =>
            value >= 0 && value <= 1 ? value : throw Wrong("confidence", "0 to 1", value);

        /// <summary>Everybody is of the hello, each once, in order of their numbers.</summary>
        public static void People(MotionFrame frame)
        {
            for (var i = 0; i < frame.Count; i++)
            {
                if (frame.Cast.IndexOf(frame[i].Id) < 0)
                    throw Wrong("people", "those of the hello", frame[i].Id);
                if (i > 0 && frame[i].Id <= frame[i - 1].Id)
                    throw Wrong("people", "each once, in order of id", frame[i].Id);
            }
        }

        public static ProtocolException Wrong(string key, string expected, object found) =>
            new ProtocolException($"frame.{key}: expected {expected}, got {found}");
    }
}
