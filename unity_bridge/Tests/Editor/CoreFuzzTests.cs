using System;
using System.Text;
using NUnit.Framework;

namespace MocapBridge.Tests
{
    /// <summary>
    /// Whatever bytes come, every reader either makes something of them or says ProtocolException.
    /// </summary>
    public class CoreFuzzTests
    {
        const int Rounds = 3000;

        [TestCase("frame.json")]
        [TestCase("frame_two.json")]
        [TestCase("hello_two.json")]
        [TestCase("cases.json")]
        public void SpoiledTexts(string file)
        {
            var good = CoreGolden.Bytes("protocol", file);
            var cast = CoreGolden.Hello("hello_two.json");
            Tried(good, data =>
            {
                HelloDecoder.Decode(JsonValue.Parse(data, 0, data.Length));
            });
            Tried(good, data => JsonFrames.Decode(data, 0, data.Length, cast, new MotionFrame()));
            Tried(good, data => JsonFrames.IsType(data, 0, data.Length, Ascii.Frame));
            Tried(good, data => JsonFrames.SeqOf(data, 0, data.Length));
            Tried(good, data => Answer.From(AnswerKind.Ack, JsonValue.Parse(data, 0, data.Length)));
            Tried(good, data => new ServerStatus(JsonValue.Parse(data, 0, data.Length)));
        }

        [TestCase("frame.bin")]
        [TestCase("frame_two.bin")]
        [TestCase("frame_nobody.bin")]
        public void SpoiledBytes(string file)
        {
            var good = CoreGolden.Bytes("protocol", file);
            var cast = CoreGolden.Hello("hello_two.json");
            var frame = new MotionFrame();
            Tried(good, data =>
            {
                BinaryFrames.SeqOf(data, 0, data.Length);
                BinaryFrames.Decode(data, 0, data.Length, cast, frame);
                for (var i = 0; i < frame.Count; i++)
                    for (var index = 0; index < frame[i].BoneCount; index++)
                        Assert.That(frame[i].Rotations[index].SquaredNorm, Is.EqualTo(1).Within(1e-5));
            });
        }

        [Test]
        public void SpoiledWebSockets()
        {
            var payload = Encoding.ASCII.GetBytes(new string('x', 300));
            var good = CoreWebSocketTests.Frame(1, true, payload, 0, 300);
            Tried(good, data =>
            {
                var reader = new WebSocketReader();
                for (var at = 0; at < data.Length;)
                {
                    at += CoreWebSocketTests.Add(reader, data, at, data.Length - at);
                    while (reader.TryTake(out _))
                    {
                    }
                }
            });
        }

        [Test]
        public void SpoiledHandshakes()
        {
            var good = Encoding.ASCII.GetBytes(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n"
                + "Content-Length: 99\r\n\r\n");
            var handshake = new WebSocketHandshake(ServerAddress.Parse(""), "mocap.v1.bin");
            Tried(good, data => handshake.Accept(data, 0, data.Length, false));
            Tried(good, data => handshake.Accept(data, 0, data.Length, true));
        }

        [TestCase("00_root.bin")]
        [TestCase("01_bone.bin")]
        [TestCase("03_ok.bin")]
        [TestCase("04_t.bin")]
        [TestCase("11_blend.bin")]
        public void SpoiledDatagrams(string file)
        {
            var good = CoreGolden.Bytes("vmc", file);
            var stream = new VmcStream(new FrameQueue(8));
            var bones = CoreGolden.Bytes("vmc", "01_bone.bin");
            var time = 0.0;
            Tried(good, data =>
            {
                stream.Take(data, data.Length, time += 0.01);
                stream.Take(bones, bones.Length, time);
            });
        }

        [Test]
        public void AddressesThatPeopleWrite()
        {
            var good = Encoding.ASCII.GetBytes("ws://192.168.1.20:8765/?token=abc");
            Tried(good, data =>
            {
                try
                {
                    ServerAddress.Parse(Encoding.UTF8.GetString(data));
                }
                catch (FormatException)
                {
                    // says what would be one
                }
            });
        }

        /// <summary>Tries an action on what is random, cut off, spoiled and doubled.</summary>
        static void Tried(byte[] good, Action<byte[]> action)
        {
            var random = new Random(good.Length);
            for (var round = 0; round < Rounds; round++)
            {
                byte[] data;
                switch (round % 4)
                {
                    case 0:
                        data = new byte[random.Next(200)];
                        random.NextBytes(data);
                        break;
                    case 1:
                        data = new byte[random.Next(good.Length)];
                        Buffer.BlockCopy(good, 0, data, 0, data.Length);
                        break;
                    default:
                        data = (byte[])good.Clone();
                        for (var n = random.Next(1, 4); n > 0; n--)
                            data[random.Next(Math.Min(data.Length, 400))] = round % 4 == 2
                                ? (byte)random.Next(256)
                                : (byte)"0129eE.-+{}[],:\"\\ntf "[random.Next(21)];
                        break;
                }
                try
                {
                    action(data);
                }
                catch (ProtocolException error)
                {
                    Assert.That(error.Message.Length, Is.GreaterThan(5).And.LessThan(400));
                }
            }
        }
    }
}
