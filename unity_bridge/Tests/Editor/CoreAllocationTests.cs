using System;
using System.Text;
using NUnit.Framework;

namespace MocapBridge.Tests
{
    /// <summary>Nothing is allocated on the way of a frame: garbage makes games stutter.</summary>
    public class CoreAllocationTests
    {
        const int Frames = 10000;

        /// <summary>Not in every profile that Unity compiles against, so asked for at run time.</summary>
        static readonly Func<long> Counter = FindCounter();

        public static object Kept;

        readonly Cast _cast = CoreBodies.People(5);

        [SetUp]
        public void TheCheckCanFail()
        {
            if (Counter == null || Allocated(() => Kept = new byte[100]) < 100)
                Assert.Ignore("this runtime does not count what is allocated");
        }

        [Test]
        public void BinaryFrames()
        {
            var data = Encoded(_cast);
            var frame = new MotionFrame();
            AllocatesNothing(i =>
            {
                data[8] = (byte)i;
                MocapBridge.BinaryFrames.Decode(data, 0, data.Length, _cast, frame);
            });
        }

        [Test]
        public void JsonFrames()
        {
            var data = Encoding.ASCII.GetBytes(Text(_cast));
            var frame = new MotionFrame();
            AllocatesNothing(i =>
            {
                MocapBridge.JsonFrames.IsType(data, 0, data.Length, Ascii.Frame);
                MocapBridge.JsonFrames.Decode(data, 0, data.Length, _cast, frame);
            });
        }

        [Test]
        public void FromTheWebSocketToTheAvatar()
        {
            var payload = Encoded(_cast);
            var wire = CoreWebSocketTests.Frame(2, true, payload, 0, payload.Length);
            var time = wire.Length - payload.Length + 16;
            var reader = new WebSocketReader();
            var writer = new WebSocketWriter();
            var queue = new FrameQueue(8);
            var buffer = new JitterBuffer();
            var pose = new PersonPose();
            var retarget = new Retarget(_cast, 0, RestOf(_cast));
            var avatar = new AvatarPose();
            MotionFrame taken = null;
            uint seq = 0;
            AllocatesNothing(i =>
            {
                var bits = BitConverter.DoubleToInt64Bits(++seq / 60.0);
                for (var n = 0; n < 8; n++)
                    wire[time + n] = (byte)(bits >> 8 * n);
                CoreWebSocketTests.Add(reader, wire, 0, wire.Length);
                while (reader.TryTake(out var message))
                {
                    var frame = queue.Rent();
                    MocapBridge.BinaryFrames.Decode(message.Data, message.Start, message.Count, _cast, frame);
                    frame.Seq = seq;
                    frame.Arrival = frame.Time;
                    queue.Publish(frame);
                }
                writer.Write(Opcode.Text, payload, 0, 30);
                while (queue.TryTake(ref taken))
                    buffer.Push(taken);
                for (var person = 0; person < _cast.Count; person++)
                    if (buffer.Sample(person, seq / 60.0 + 0.003, pose))
                        retarget.Solve(pose, avatar);
            });
            Assert.That(buffer.Count, Is.EqualTo(5));
        }

        [Test]
        public void FromVmcToTheAvatar()
        {
            var datagrams = new byte[5][];
            var names = new[] { "00_root.bin", "01_bone.bin", "02_bone.bin", "03_ok.bin", "04_t.bin" };
            for (var n = 0; n < names.Length; n++)
                datagrams[n] = CoreGolden.Bytes("vmc", names[n]);
            var queue = new FrameQueue(8);
            var stream = new VmcStream(queue);
            var buffer = new JitterBuffer();
            var pose = new PersonPose();
            MotionFrame taken = null;
            var frames = 0;
            AllocatesNothing(i =>
            {
                frames++;
                var bits = new FloatBits { Value = frames / 60f }.Bits;
                for (var n = 0; n < 4; n++)
                    datagrams[4][datagrams[4].Length - 1 - n] = (byte)(bits >> 8 * n);
                foreach (var datagram in datagrams)
                    stream.Take(datagram, datagram.Length, frames / 60.0);
                while (queue.TryTake(ref taken))
                    buffer.Push(taken);
                buffer.Sample(0, frames / 60.0, pose);
            });
            Assert.That(stream.Frames, Is.EqualTo(frames));
            Assert.That(pose.BoneCount, Is.EqualTo(22));
        }

        /// <summary>The largest message of what takes the most memory for its size.</summary>
        [TestCase("[],")]
        [TestCase("{},")]
        [TestCase("0,")]
        [TestCase("\"\",")]
        public void NoMessageFillsTheMemory(string element)
        {
            var text = new StringBuilder("[");
            while (text.Length + element.Length < WebSocketReader.Largest)
                text.Append(element);
            text.Append("0]");
            var data = Encoding.ASCII.GetBytes(text.ToString());
            Assert.That(
                Allocated(() => Kept = JsonValue.Parse(data, 0, data.Length)), Is.LessThan(25000000));
            var frame = new MotionFrame();
            Assert.Throws<ProtocolException>(
                () => MocapBridge.JsonFrames.Decode(data, 0, data.Length, _cast, frame));
        }

        static void AllocatesNothing(Action<int> each)
        {
            for (var i = 0; i < 200; i++) // everything is made and compiled
                each(i);
            Assert.That(Allocated(() => Repeat(each)), Is.EqualTo(0), $"bytes in {Frames} frames");
        }

        static void Repeat(Action<int> each)
        {
            for (var i = 0; i < Frames; i++)
                each(i);
        }

        static long Allocated(Action action)
        {
            var before = Counter();
            action();
            return Counter() - before;
        }

        static Func<long> FindCounter()
        {
            var method = typeof(GC).GetMethod("GetAllocatedBytesForCurrentThread");
            return method == null ? null : (Func<long>)Delegate.CreateDelegate(typeof(Func<long>), method);
        }

        static byte[] Encoded(Cast cast)
        {
            var bones = cast.Skeleton.Count;
            var data = new byte[24 + cast.Count * (24 + 16 * bones)];
            data[0] = data[1] = 1;
            data[2] = (byte)cast.Count;
            data[4] = (byte)bones;
            for (var person = 0; person < cast.Count; person++)
            {
                var at = 24 + person * (24 + 16 * bones);
                data[at] = (byte)person;
                data[at + 4] = 2;
                for (var bone = 0; bone < bones; bone++)
                    Buffer.BlockCopy(BitConverter.GetBytes(1f), 0, data, at + 24 + 16 * bone + 12, 4);
            }
            return data;
        }

        static string Text(Cast cast)
        {
            var text = new StringBuilder("{\"type\":\"frame\",\"seq\":412,\"t\":13.733,\"people\":[");
            for (var person = 0; person < cast.Count; person++)
            {
                text.Append(person > 0 ? "," : "").Append("{\"id\":").Append(person);
                text.Append(",\"state\":\"held\",\"confidence\":0.93,\"root\":[0.25,0.875,-1.5],\"rotations\":[");
                for (var bone = 0; bone < cast.Skeleton.Count; bone++)
                    text.Append(bone > 0 ? "," : "").Append("0.0,0.707107,-0.0,0.707107");
                text.Append("],\"contacts\":{\"leftFoot\":true,\"rightFoot\":false}}");
            }
            return text.Append("]}").ToString();
        }

        static AvatarRest RestOf(Cast cast)
        {
            var rest = new AvatarRest();
            var figure = new RestFigure(cast, 0);
            for (var index = 0; index < cast.Skeleton.Count; index++)
                rest.Set(cast.Skeleton.Bone(index), figure.At(cast.Skeleton.Bone(index)), Quat.Identity);
            return rest;
        }
    }
}
