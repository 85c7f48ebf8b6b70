using System;
using System.Text;
using MocapBridge.Editor;
using NUnit.Framework;
using UnityEngine;

namespace MocapBridge.Tests
{
    /// <summary>Files of motion: numbers derived by hand.</summary>
    public sealed class ImportTests
    {
        const string Bvh =
            "HIERARCHY\nROOT hips\n{\n OFFSET 0 90 0\n CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\n"
            + " JOINT spine {\n  OFFSET 10 20 -5\n  CHANNELS 3 Zrotation Xrotation Yrotation\n  End Site\n  {\n   OFFSET 0 10 0\n  }\n }\n}\n"
            + "MOTION\nFrames: 2\nFrame Time: 0.05\n10 90 -20 90 0 0 0 90 0\n0 95 0 0 0 90 0 0 0\n";

        const string Take =
            "{\"format\":\"mocap-take\",\"version\":1,\"fps\":20,\"unit\":\"m\","
            + "\"axes\":{\"up\":\"+Y\",\"forward\":\"+Z\",\"handedness\":\"right\",\"quaternion\":\"xyzw\"},\"times\":[0.5,0.55],"
            + "\"people\":[{\"id\":3,\"skeleton\":{\"name\":\"s\",\"bones\":[{\"name\":\"hips\",\"parent\":null,\"offset\":[0,0.9,0]},{\"name\":\"spine\",\"parent\":\"hips\",\"offset\":[0.1,0.2,-0.05]}]},"
            + "\"root\":[[0.1,0.9,-0.2],[0,0.95,0]],\"rotations\":[[0,0,0.6,0.8,0.6,0,0,0.8],[0,0.6,0,0.8,0,0,0,1]],\"state\":[\"tracked\",\"held\"]}]}";

        const string Signs = "{}[],:0-9.eE\"\n x";

        static void Near(Vector3 a, Vector3 b) => Assert.That(Vector3.Distance(a, b), Is.LessThan(1e-5f), a + " is not " + b);

        static void Near(Quaternion a, Quaternion b) => Assert.That(Body.Between(a, b), Is.LessThan(1e-5f), a + " is not " + b);

        [Test]
        public void ABvhFileInCentimetres()
        {
            var people = BvhFile.Read(Bvh, 100.0);
            Assert.That(people.Count, Is.EqualTo(1));
            var motion = people[0];
            Assert.That(motion.Names, Is.EqualTo(new[] { "hips", "spine" }));
            Assert.That(motion.Times[1], Is.EqualTo(0.05).Within(1e-9));
            Near(motion.Offsets[1], new Vector3(-0.1f, 0.2f, -0.05f));
            Near(motion.Roots[0], new Vector3(-0.1f, 0.9f, -0.2f));
            var h = (float)Math.Sqrt(0.5);
            Near(motion.Rotation(0, 0), new Quaternion(0, 0, -h, h)); // about z the other way
            Near(motion.Rotation(0, 1), new Quaternion(h, 0, 0, h)); // about x as it was
            Near(motion.Rotation(1, 0), new Quaternion(0, -h, 0, h));
            Near(motion.Position(1, 1), motion.Offsets[1]);
        }

        [Test]
        public void ChannelsMultiplyInTheirOrder()
        {
            var motion = BvhFile.Read(Bvh.Replace("10 90 -20 90 0 0 0 90 0", "0 0 0 90 90 0 0 0 0"), 100.0)[0];
            // Rz(90) Rx(90) takes +y of the right-handed world to z, and z is not turned by Rz
            Near(motion.Rotation(0, 0) * Vector3.up, Vector3.forward);
            Near(motion.Rotation(0, 0) * Vector3.left, Vector3.up); // +x there is -x here; Rz takes it to +y
        }

        [Test]
        public void ACommaForADecimalPointACutOffRowNamesThatAreUsedTwice()
        {
            var text = Bvh.Replace("0.05", "0,05").Replace("JOINT spine", "JOINT hips").Replace("0 95 0 0 0 90 0 0 0", "0 95 0");
            var motion = BvhFile.Read(text, 100.0)[0];
            Assert.That(motion.Frames, Is.EqualTo(1));
            Assert.That(motion.Names[1], Is.EqualTo("hips_1"));
        }

        [TestCase("")]
        [TestCase("nonsense")]
        [TestCase("HIERARCHY\nROOT a\n{\n}\nMOTION\n")]
        [TestCase("HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\nCHANNELS 2 Xposition\n}\nMOTION\n")]
        [TestCase("HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\nCHANNELS 1 Xposition\n}\nMOTION\nFrames: 2\nFrame Time: 0.1\n1 2\n3\n")]
        [TestCase("HIERARCHY\nROOT a\n{\nOFFSET 0 0 NaN\n}\nMOTION\nFrames: 0\nFrame Time: 0.1\n")]
        [TestCase("}{\nOFFSET")]
        public void DamageIsAFormatExceptionWithALine(string text)
        {
            try
            {
                BvhFile.Read(text, 100.0);
                Assert.Fail("it was read");
            }
            catch (FormatException error)
            {
                Assert.That(error.Message.StartsWith("line ", StringComparison.Ordinal), Is.True, error.Message);
            }
        }

        [Test]
        public void ATake()
        {
            var motion = TakeFile.Read(Encoding.UTF8.GetBytes(Take))[0];
            Assert.That(motion.Id, Is.EqualTo(3));
            Assert.That(motion.Rate(), Is.EqualTo(20.0).Within(1e-6));
            Near(motion.Roots[0], new Vector3(-0.1f, 0.9f, -0.2f));
            Near(motion.Offsets[1], new Vector3(-0.1f, 0.2f, -0.05f));
            Near(motion.Rotation(0, 0), new Quaternion(0, 0, -0.6f, 0.8f));
            Near(motion.Rotation(0, 1), new Quaternion(0.6f, 0, 0, 0.8f));
            Near(motion.Rotation(1, 0), new Quaternion(0, -0.6f, 0, 0.8f));
        }

        [TestCase("{}", "format")]
        [TestCase("[1", "")]
        [TestCase("\"version\":1=\"version\":2", "version")]
        [TestCase("\"m\"=\"cm\"", "unit")]
        [TestCase("0.5,0.55=0.5,0.5", "times")]
        [TestCase("0.5,0.55=0.5", "root")]
        [TestCase("0.6,0.8,0.6=6,8,0.6", "rotations[0]")]
        [TestCase("[0,0.95,0]=[0,null,0]", "root[1]")]
        [TestCase("\"parent\":\"hips\"=\"parent\":\"knee\"", "bones[1]")]
        public void DamageOfATakeIsSaid(string change, string says)
        {
            var parts = change.Split('=');
            var text = parts.Length == 2 ? Take.Replace(parts[0], parts[1]) : change;
            Assert.That(text, Is.Not.EqualTo(Take));
            try
            {
                TakeFile.Read(Encoding.UTF8.GetBytes(text));
                Assert.Fail("it was read");
            }
            catch (FormatException error)
            {
                Assert.That(error.Message.Contains(says), Is.True, error.Message);
            }
        }

        [Test]
        public void RandomDamageIsNothingButAFormatException()
        {
            var random = new System.Random(1);
            for (var n = 0; n < 2000; n++)
            {
                var text = new StringBuilder(n % 2 == 0 ? Take : Bvh);
                for (var k = random.Next(1, 4); k > 0; k--)
                {
                    var at = random.Next(text.Length);
                    if (random.Next(3) == 0)
                        text.Remove(at, Math.Min(random.Next(1, 40), text.Length - at));
                    else
                        text[at] = Signs[random.Next(Signs.Length)];
                }
                try
                {
                    if (n % 2 == 0)
                        TakeFile.Read(Encoding.UTF8.GetBytes(text.ToString()));
                    else
                        BvhFile.Read(text.ToString(), 100.0);
                }
                catch (FormatException)
                {
                }
            }
        }

        [Test]
        public void BonesAreFoundByTheNamesOfManyPrograms()
        {
            foreach (var names in new[]
            {
                "mixamorig:Hips mixamorig:Spine mixamorig:Head mixamorig:LeftArm mixamorig:LeftForeArm mixamorig:RightUpLeg mixamorig:RightLeg",
                "pelvis spine_01 head upperarm_l lowerarm_l thigh_r calf_r",
                "Hips Spine Head LeftUpperArm LeftLowerArm RightUpperLeg RightLowerLeg",
                "hips spine head upper_arm.L forearm.L thigh.R shin.R",
            })
            {
                var root = new GameObject("root");
                var words = names.Split(' ');
                foreach (var word in words)
                    new GameObject(word).transform.SetParent(root.transform, false);
                var found = BoneNames.Find(root.transform);
                var wanted = new[]
                {
                    HumanBodyBones.Hips, HumanBodyBones.Spine, HumanBodyBones.Head, HumanBodyBones.LeftUpperArm,
                    HumanBodyBones.LeftLowerArm, HumanBodyBones.RightUpperLeg, HumanBodyBones.RightLowerLeg,
                };
                for (var i = 0; i < wanted.Length; i++)
                {
                    Assert.That(found.ContainsKey(wanted[i]), Is.True, wanted[i] + " of " + names);
                    Assert.That(found[wanted[i]].name, Is.EqualTo(words[i]));
                }
                UnityEngine.Object.DestroyImmediate(root);
            }
        }

        [Test]
        public void FingersAreCalledOtherwiseInClips()
        {
            Assert.That(MuscleCurves.Property("Left Thumb 1 Stretched"), Is.EqualTo("LeftHand.Thumb.1 Stretched"));
            Assert.That(MuscleCurves.Property("Right Little Spread"), Is.EqualTo("RightHand.Little.Spread"));
            Assert.That(MuscleCurves.Property("Left Arm Down-Up"), Is.EqualTo("Left Arm Down-Up"));
        }
    }
}
