using NUnit.Framework;

namespace MocapBridge.Tests
{
    /// <summary>Axes and rotations: one asymmetric pose in the axes of every world.</summary>
    public class CorePoseTests
    {
        const double Within = 1e-5;

        [Test]
        public void TheGoldenPoseIsTheSameInUnity()
        {
            var worlds = CoreGolden.Json("pose_conversions.json")["worlds"];
            JsonValue wire = null, unity = null;
            for (var i = 0; i < worlds.Count; i++)
            {
                wire = worlds[i]["name"].AsText().StartsWith("mocap") ? worlds[i]["bones"] : wire;
                unity = worlds[i]["name"].AsText().StartsWith("Unity") ? worlds[i]["bones"] : unity;
            }
            var count = wire.Count;
            Assert.That(count, Is.GreaterThan(10));
            var names = new string[count];
            var parents = new int[count];
            var offsets = new Vec3[count];
            var pose = new PersonPose();
            pose.SetBoneCount(count);
            for (var i = 0; i < count; i++)
            {
                var name = names[i] = wire[i]["name"].AsText();
                parents[i] = i == 0 ? -1 : System.Array.IndexOf(names, wire[i]["parent"].AsText());
                Assert.That(unity[i]["name"].AsText(), Is.EqualTo(name));
                offsets[i] = Converted(CoreGolden.Vector(wire[i]["offset"]));
                pose.Rotations[i] = Converted(CoreGolden.Quaternion(wire[i]["rotation"]));
                CoreGolden.AreNear(CoreGolden.Vector(unity[i]["offset"]), offsets[i], Within, name);
                CoreGolden.AreNear(
                    CoreGolden.Quaternion(unity[i]["rotation"]), pose.Rotations[i], Within, name);
            }
            pose.Root = Converted(CoreGolden.Vector(wire[0]["position"]));
            var cast = new Cast(
                new Skeleton(names, parents, offsets, new Vec3?[count]), new[] { 0 }, new[] { offsets }, 30, "");
            var figure = new FigurePose();
            figure.Solve(pose, cast, 0);
            for (var i = 0; i < count; i++)
                CoreGolden.AreNear(
                    CoreGolden.Vector(unity[i]["position"]), figure.Positions[i], Within, names[i]);
        }

        [Test]
        public void ArcsLeadFromOneDirectionToTheOther()
        {
            var random = new System.Random(1);
            for (var i = 0; i < 1000; i++)
            {
                Vec3 a = CoreBodies.Direction(random), b = CoreBodies.Direction(random);
                if (i % 10 == 0)
                    b = -1 * a;
                CoreGolden.AreNear(b, Quat.Arc(a, 3 * b) * a, 1e-5, "arc");
            }
            CoreGolden.AreNear(Quat.Identity, Quat.Arc(Vec3.Zero, new Vec3(1, 0, 0)), 1e-6, "none");
        }

        [Test]
        public void SlerpTakesTheShorterWayAtConstantSpeed()
        {
            var random = new System.Random(2);
            for (var i = 0; i < 1000; i++)
            {
                Quat a = CoreBodies.Rotation(random), b = CoreBodies.Rotation(random);
                if (i % 3 == 0)
                    b = (a * new Quat(0.001f, 0, 0.001f, 1)).Normalized();
                var t = (float)random.NextDouble();
                var whole = Quat.Angle(a, b);
                Assert.That(Quat.Angle(a, Quat.Slerp(a, b, t)), Is.EqualTo(t * whole).Within(1e-3));
                var opposite = new Quat(-b.X, -b.Y, -b.Z, -b.W);
                CoreGolden.AreNear(Quat.Slerp(a, b, t), Quat.Slerp(a, opposite, t), 1e-3, "opposite");
            }
        }

        [Test]
        public void TurningAVectorIsTheProductOfQuaternions()
        {
            var random = new System.Random(3);
            for (var i = 0; i < 1000; i++)
            {
                var q = CoreBodies.Rotation(random);
                var v = CoreBodies.Direction(random);
                var product = q * new Quat(v.X, v.Y, v.Z, 0) * q.Inverse();
                CoreGolden.AreNear(new Vec3(product.X, product.Y, product.Z), q * v, 1e-5, "turned");
            }
        }

        static Vec3 Converted(Vec3 v) => Coordinates.Position(v.X, v.Y, v.Z);

        static Quat Converted(Quat q) => Coordinates.Rotation(q.X, q.Y, q.Z, q.W);
    }
}
