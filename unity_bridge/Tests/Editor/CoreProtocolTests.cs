using System.Text;
using NUnit.Framework;

namespace MocapBridge.Tests
{
    /// <summary>What is made of the messages of a server.</summary>
    public class CoreProtocolTests
    {
        [Test]
        public void GoldenHellosAreRead()
        {
            var cases = CoreGolden.Cases()["hellos"];
            Assert.That(cases.Count, Is.GreaterThan(0));
            for (var i = 0; i < cases.Count; i++)
            {
                var cast = CoreGolden.Hello(cases[i]["file"].AsText());
                Assert.That(cast.Fps, Is.EqualTo(cases[i]["fps"].AsDouble()));
                Assert.That(cast.Count, Is.EqualTo(cases[i]["people"].Count));
                for (var person = 0; person < cast.Count; person++)
                    Assert.That(cast.Id(person), Is.EqualTo(cases[i]["people"][person].AsDouble()));
                Assert.That(cast.Skeleton.Count, Is.EqualTo(22));
                Assert.That(cast.Skeleton.Parent(0), Is.EqualTo(-1));
                Assert.That(cast.Skeleton.Name(0), Is.EqualTo("hips"));
                for (var index = 0; index < cast.Skeleton.Count; index++)
                    Assert.That(cast.Skeleton.Bone(index), Is.GreaterThanOrEqualTo(0));
                var hand = cast.Skeleton.IndexOfBone(HumanBones.LeftHand);
                Assert.That(cast.Skeleton.Offset(hand).X, Is.LessThan(0), "left is -X in Unity");
            }
        }

        [TestCase("json")]
        [TestCase("bin")]
        public void GoldenFramesAreRead(string encoding)
        {
            var cases = CoreGolden.Cases();
            var tolerance = cases["tolerance"];
            Assert.That(cases["frames"].Count, Is.GreaterThan(0));
            for (var i = 0; i < cases["frames"].Count; i++)
            {
                var expected = cases["frames"][i]["expected"];
                var cast = CoreGolden.Hello(cases["frames"][i]["hello"].AsText());
                var data = CoreGolden.Bytes("protocol", cases["frames"][i][encoding].AsText());
                var frame = new MotionFrame();
                if (encoding == "bin")
                    BinaryFrames.Decode(data, 0, data.Length, cast, frame);
                else
                    JsonFrames.Decode(data, 0, data.Length, cast, frame);
                Assert.That(frame.Seq, Is.EqualTo((uint)(long)expected["seq"].AsDouble()));
                Assert.That(frame.Time, Is.EqualTo(expected["t"].AsDouble()).Within(tolerance["t"].AsDouble()));
                Assert.That(frame.Count, Is.EqualTo(expected["people"].Count));
                for (var p = 0; p < frame.Count; p++)
                    AreSame(expected["people"][p], frame[p], cast, tolerance);
            }
        }

        static void AreSame(JsonValue expected, PersonPose found, Cast cast, JsonValue tolerance)
        {
            Assert.That(found.Id, Is.EqualTo((int)expected["id"].AsDouble()));
            Assert.That(found.State.ToString().ToLowerInvariant(), Is.EqualTo(expected["state"].AsText()));
            Assert.That(
                found.Confidence,
                Is.EqualTo(expected["confidence"].AsDouble()).Within(tolerance["confidence"].AsDouble()));
            Assert.That(found.LeftFootDown, Is.EqualTo(expected["contacts"]["leftFoot"].AsBool()));
            Assert.That(found.RightFootDown, Is.EqualTo(expected["contacts"]["rightFoot"].AsBool()));
            CoreGolden.AreNear(Mirrored(CoreGolden.Vector(expected["root"])), found.Root, 1e-5, "root");
            Assert.That(found.BoneCount, Is.EqualTo(cast.Skeleton.Count));
            for (var index = 0; index < found.BoneCount; index++)
                CoreGolden.AreNear(
                    Mirrored(CoreGolden.Quaternion(expected["rotations"], 4 * index)),
                    found.Rotations[index], 1e-5, cast.Skeleton.Name(index));
            var figure = new FigurePose();
            figure.Solve(found, cast, cast.IndexOf(found.Id));
            foreach (var name in expected["positions"].Keys)
            {
                var index = cast.Skeleton.IndexOfBone(HumanBones.FromProtocolName(name));
                CoreGolden.AreNear(
                    Mirrored(CoreGolden.Vector(expected["positions"][name])),
                    figure.Positions[index], tolerance["positions"].AsDouble(), name);
            }
        }

        [Test]
        public void GoldenAnswersAreUnderstood()
        {
            var answers = CoreGolden.Cases()["answers"];
            for (var i = 0; i < answers.Count; i++)
            {
                var kind = answers[i]["type"].AsText();
                if (kind == "ack" || kind == "error")
                {
                    var answer = Answer.From(kind == "ack" ? AnswerKind.Ack : AnswerKind.Error, answers[i]);
                    Assert.That(answer.Of, Is.EqualTo(answers[i]["of"].AsText()));
                    Assert.That(answer.Message, Is.EqualTo(answers[i]["message"].AsText()));
                    Assert.That(answer.Request, Is.EqualTo((int)answers[i]["request"].AsDouble()));
                }
                else if (kind == "status")
                {
                    var status = new ServerStatus(answers[i]);
                    Assert.That(status.State, Is.EqualTo("running"));
                    Assert.That(status.TotalLatency, Is.EqualTo(0.029).Within(1e-9));
                    Assert.That(status.RecordingName, Is.EqualTo("jump"));
                }
            }
        }

        [Test]
        public void TheExampleOfTheDocumentIsRead()
        {
            var frame = new MotionFrame();
            var data = Hex(
                "0101010002000000 0201000000000000 000000000000f83f feffffff01020000 0000803e"
                + "0000803f000000c00000003f 00000000000000000000000000 00803f"
                + "0000803f000000000000000000000000");
            BinaryFrames.Decode(data, 0, data.Length, Two, frame);
            Assert.That(frame.Seq, Is.EqualTo(258));
            Assert.That(frame.Time, Is.EqualTo(1.5));
            var person = frame.Find(-2);
            Assert.That(person.State, Is.EqualTo(TrackState.Held));
            Assert.That(person.RightFootDown && !person.LeftFootDown);
            Assert.That(person.Confidence, Is.EqualTo(0.25f));
            CoreGolden.AreNear(new Vec3(-1, -2, 0.5f), person.Root, 1e-6, "root");
            CoreGolden.AreNear(new Quat(1, 0, 0, 0), person.Rotations[1], 1e-6, "rotation");
        }

        [TestCase("{\"type\":\"frame\",\"seq\":1,\"t\":1,\"people\":[]} x")]
        [TestCase("{\"type\":\"frame\",\"t\":1,\"people\":[]}")]
        [TestCase("{\"type\":\"frame\",\"seq\":1.5,\"t\":1,\"people\":[]}")]
        [TestCase("{\"type\":\"frame\",\"seq\":1,\"t\":NaN,\"people\":[]}")]
        [TestCase("{\"type\":\"frame\",\"seq\":1,\"t\":1e999,\"people\":[]}")]
        [TestCase("{\"type\":\"frame\",\"seq\":1,\"t\":1,\"people\":[{\"id\":-2}]}")]
        [TestCase("{\"seq\":1,\"t\":1,\"people\":[{\"id\":3,\"state\":\"held\",\"confidence\":1,\"root\":[0,0,0],\"rotations\":[0,0,0,1,0,0,0,1]}]}")]
        [TestCase("{\"seq\":1,\"t\":1,\"people\":[{\"id\":-2,\"state\":\"dead\",\"confidence\":1,\"root\":[0,0,0],\"rotations\":[0,0,0,1,0,0,0,1]}]}")]
        [TestCase("{\"seq\":1,\"t\":1,\"people\":[{\"id\":-2,\"state\":\"held\",\"confidence\":2,\"root\":[0,0,0],\"rotations\":[0,0,0,1,0,0,0,1]}]}")]
        [TestCase("{\"seq\":1,\"t\":1,\"people\":[{\"id\":-2,\"state\":\"held\",\"confidence\":1,\"root\":[0,0],\"rotations\":[0,0,0,1,0,0,0,1]}]}")]
        [TestCase("{\"seq\":1,\"t\":1,\"people\":[{\"id\":-2,\"state\":\"held\",\"confidence\":1,\"root\":[0,0,9e9],\"rotations\":[0,0,0,1,0,0,0,1]}]}")]
        [TestCase("{\"seq\":1,\"t\":1,\"people\":[{\"id\":-2,\"state\":\"held\",\"confidence\":1,\"root\":[0,0,0],\"rotations\":[0,0,0,1,0,0,0]}]}")]
        [TestCase("{\"seq\":1,\"t\":1,\"people\":[{\"id\":-2,\"state\":\"held\",\"confidence\":1,\"root\":[0,0,0],\"rotations\":[0,0,0,1,0,0,0,0.5]}]}")]
        public void WrongFramesAreRefused(string text)
        {
            var data = Encoding.UTF8.GetBytes(text);
            Assert.Throws<ProtocolException>(
                () => JsonFrames.Decode(data, 0, data.Length, Two, new MotionFrame()));
        }

        [Test]
        public void KeysComeInAnyOrderAndUnknownOnesArePassedOver()
        {
            var data = Encoding.UTF8.GetBytes(
                "{\"people\":[{\"rotations\":[0,0,0,1, 1,0,0,0],\"later\":{\"a\":[1,{}]},\"root\":[1,2,3],"
                + "\"confidence\":0.5,\"id\":-2,\"st\\u0061te\":\"lost\"}],\"t\":2,\"x\":null,\"seq\":4294967297}");
            var frame = new MotionFrame();
            JsonFrames.Decode(data, 0, data.Length, Two, frame);
            Assert.That(frame.Seq, Is.EqualTo(1), "modulo 2^32, as in bytes");
            Assert.That(frame[0].State, Is.EqualTo(TrackState.Lost));
            CoreGolden.AreNear(new Vec3(-1, 2, 3), frame[0].Root, 1e-6, "root");
        }

        [TestCase("\"protocol\":1", "\"protocol\":2", true)]
        [TestCase("\"+Z\"", "\"-Z\"", false)]
        [TestCase("\"fps\":30", "\"fps\":0", false)]
        [TestCase("\"a\",\"parent\":null", "\"a\",\"parent\":\"b\"", false)]
        [TestCase("\"b\",\"parent\":\"a\"", "\"b\",\"parent\":\"c\"", false)]
        [TestCase("\"b\",\"parent\":\"a\"", "\"a\",\"parent\":\"a\"", false)]
        [TestCase("[0,1,0]", "[0,1]", false)]
        [TestCase("[0,1,0]", "[0,1,\"0\"]", false)]
        [TestCase("{\"id\":-2", "{\"id\":0.5", false)]
        public void WrongHellosAreRefused(string right, string wrong, bool forGood)
        {
            var text = HelloOfTwo.Replace(right, wrong);
            Assert.That(text, Is.Not.EqualTo(HelloOfTwo));
            if (forGood)
                Assert.Throws<RefusedException>(() => HelloDecoder.Decode(JsonValue.Parse(text)));
            else
                Assert.Throws<ProtocolException>(() => HelloDecoder.Decode(JsonValue.Parse(text)));
        }

        internal const string HelloOfTwo =
            "{\"type\":\"hello\",\"protocol\":1,\"server\":\"x\",\"encoding\":\"json\",\"skeleton\":{\"name\":\"s\","
            + "\"bones\":[{\"name\":\"a\",\"parent\":null,\"offset\":[0,1,0]},"
            + "{\"name\":\"b\",\"parent\":\"a\",\"offset\":[1,0,0],\"tip\":[0,0,1]}]},\"convention\":{\"up\":\"+Y\","
            + "\"forward\":\"+Z\",\"handedness\":\"right\",\"unit\":\"m\",\"quaternion\":\"xyzw\"},\"fps\":30,"
            + "\"clock\":1,\"people\":[{\"id\":-2,\"offsets\":[0,1,0,1,0,0]}]}";

        internal static readonly Cast Two = HelloDecoder.Decode(JsonValue.Parse(HelloOfTwo));

        static Vec3 Mirrored(Vec3 v) => new Vec3(-v.X, v.Y, v.Z);

        static Quat Mirrored(Quat q) => new Quat(q.X, -q.Y, -q.Z, q.W);

        static byte[] Hex(string text)
        {
            text = text.Replace(" ", "");
            var data = new byte[text.Length / 2];
            for (var i = 0; i < data.Length; i++)
                data[i] = System.Convert.ToByte(text.Substring(2 * i, 2), 16);
            return data;
        }
    }
}
