using System;
using System.IO;
using NUnit.Framework;

namespace MocapBridge.Tests
{
    /// <summary>
    /// The files that hold every client, in whatever language, to one protocol and one convention.
    /// They are part of the repository, not of the package: where MOCAP_GOLDEN does not say where
    /// they lie, tests that need them are left out.
    /// </summary>
    static class CoreGolden
    {
        public static byte[] Bytes(params string[] path)
        {
            var folder = Environment.GetEnvironmentVariable("MOCAP_GOLDEN");
            if (string.IsNullOrEmpty(folder))
                Assert.Ignore("MOCAP_GOLDEN names no folder of golden files");
            foreach (var part in path)
                folder = Path.Combine(folder, part);
            return File.ReadAllBytes(folder);
        }

        public static JsonValue Json(params string[] path)
        {
            var bytes = Bytes(path);
            return JsonValue.Parse(bytes, 0, bytes.Length);
        }

        public static JsonValue Cases() => Json("protocol", "cases.json");

        public static Cast Hello(string file) => HelloDecoder.Decode(Json("protocol", file));

        /// <summary>A number of the file, in an array.</summary>
        public static float Float(JsonValue numbers, int index) => (float)numbers[index].AsDouble();

        public static Vec3 Vector(JsonValue v) => new Vec3(Float(v, 0), Float(v, 1), Float(v, 2));

        public static Quat Quaternion(JsonValue q, int from = 0) =>
            new Quat(Float(q, from), Float(q, from + 1), Float(q, from + 2), Float(q, from + 3));

        public static void AreNear(Vec3 expected, Vec3 found, double within, string what)
        {
            Assert.That((found - expected).Length, Is.LessThan(within), $"{what}: {found}, not {expected}");
        }

        /// <summary>As rotations: a quaternion and its opposite are the same.</summary>
        public static void AreNear(Quat expected, Quat found, double within, string what)
        {
            Assert.That(Quat.Angle(expected, found), Is.LessThan(within), $"{what}: {found}, not {expected}");
        }
    }
}
