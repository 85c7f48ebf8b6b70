using System;
using System.Collections.Generic;
using System.Text;
using NUnit.Framework;

namespace MocapBridge.Tests
{
    /// <summary>Messages out of bytes and into bytes, and the handshake; no sockets.</summary>
    public class CoreWebSocketTests
    {
        [Test]
        public void MessagesComeOutHoweverTheBytesAreCut()
        {
            var random = new Random(5);
            for (var round = 0; round < 50; round++)
            {
                var sent = new List<byte[]>();
                var wire = new List<byte>();
                for (var i = 0; i < 20; i++)
                {
                    var payload = new byte[random.Next(8) == 0 ? random.Next(100000) : random.Next(300)];
                    random.NextBytes(payload);
                    sent.Add(payload);
                    var parts = random.Next(3);
                    for (int part = 0, at = 0; part <= parts; part++)
                    {
                        var count = part == parts ? payload.Length - at : random.Next(payload.Length - at);
                        wire.AddRange(Frame(part == 0 ? 2 : 0, part == parts, payload, at, count));
                        at += count;
                        if (random.Next(4) == 0)
                            wire.AddRange(Frame(9, true, new byte[5], 0, 5));
                    }
                }
                Assert.That(Read(wire.ToArray(), random), Is.EqualTo(sent));
            }
        }

        [TestCase(0x83, 0x00)] // an opcode that is none
        [TestCase(0xc1, 0x00)] // a reserved bit
        [TestCase(0x81, 0x80)] // masked
        [TestCase(0x80, 0x00)] // the end of nothing
        [TestCase(0x09, 0x00)] // a ping in parts
        [TestCase(0x89, 0x7e)] // a ping of any length
        public void WhatIsNoWebSocketIsRefused(int first, int second)
        {
            var reader = new WebSocketReader();
            Add(reader, new[] { (byte)first, (byte)second, (byte)0, (byte)0, (byte)0, (byte)0 }, 0, 6);
            Assert.Throws<ProtocolException>(() => reader.TryTake(out _));
        }

        [TestCase(new byte[] { 0x82, 0x7f, 0, 0, 0, 0, 0x7f, 0, 0, 0 })]
        [TestCase(new byte[] { 0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0 })]
        [TestCase(new byte[] { 0x82, 0x7f, 0, 0, 0, 0, 0, 4, 0, 1 })]
        public void TooLongMessagesAreRefusedBeforeTheyCome(byte[] header)
        {
            var reader = new WebSocketReader();
            Add(reader, header, 0, header.Length);
            Assert.Throws<ProtocolException>(() => reader.TryTake(out _));
        }

        [Test]
        public void AMessageOfManyPartsIsLimitedToo()
        {
            var reader = new WebSocketReader();
            var part = new byte[60000];
            var frame = Frame(2, false, part, 0, part.Length);
            Assert.Throws<ProtocolException>(() =>
            {
                for (var i = 0; i < 10; i++)
                {
                    for (var at = 0; at < frame.Length;)
                        at += Add(reader, frame, at, frame.Length - at);
                    reader.TryTake(out _);
                    frame = Frame(0, false, part, 0, part.Length);
                }
            });
        }

        [Test]
        public void WhatIsWrittenIsMaskedAndReadsAsItWas()
        {
            var random = new Random(6);
            var writer = new WebSocketWriter();
            foreach (var count in new[] { 0, 1, 125, 126, 1000, 65535 })
            {
                var payload = new byte[count + 3];
                random.NextBytes(payload);
                var size = writer.Write(Opcode.Text, payload, 3, count);
                var data = writer.Data;
                Assert.That(data[0], Is.EqualTo(0x81));
                Assert.That(data[1] & 0x80, Is.EqualTo(0x80));
                var header = (data[1] & 0x7f) < 126 ? 2 : 4;
                var length = header == 2 ? data[1] & 0x7f : data[2] << 8 | data[3];
                Assert.That(length, Is.EqualTo(count));
                Assert.That(size, Is.EqualTo(header + 4 + count));
                for (var i = 0; i < count; i++)
                    Assert.That((byte)(data[header + 4 + i] ^ data[header + i % 4]), Is.EqualTo(payload[3 + i]));
            }
        }

        [TestCase("HTTP/1.1 401 Unauthorized\r\n\r\n", true, "token")]
        [TestCase("HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nnot there", true, "not there")]
        [TestCase("HTTP/1.1 400 Bad Request\r\n\r\n", true, "400")]
        [TestCase("HTTP/1.1 503 Busy\r\n\r\n", false, "503")]
        [TestCase("HTTP/1.1 200 OK\r\n\r\nhello", false, "200")]
        [TestCase("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n", false, "something else")]
        [TestCase("SSH-2.0-OpenSSH_9.2\r\n", false, "something else")]
        public void RefusalsAreExplained(string reply, bool forGood, string says)
        {
            var handshake = new WebSocketHandshake(ServerAddress.Parse(""), "mocap.v1.bin");
            var data = Encoding.ASCII.GetBytes(reply);
            var error = forGood
                ? Assert.Throws<RefusedException>(() => handshake.Accept(data, 0, data.Length, true))
                : Assert.Throws<ProtocolException>(() => handshake.Accept(data, 0, data.Length, true));
            StringAssert.Contains(says, error.Message);
        }

        [Test]
        public void TheTokenIsSentAndNeverShown()
        {
            var address = ServerAddress.Parse("192.168.1.20", "a-secret-token");
            var request = Encoding.ASCII.GetString(new WebSocketHandshake(address, "mocap.v1.json").Request());
            StringAssert.Contains("\r\nAuthorization: Bearer a-secret-token\r\n", request);
            StringAssert.Contains("\r\nHost: 192.168.1.20:8765\r\n", request);
            Assert.That(address.ToString(), Is.EqualTo("ws://192.168.1.20:8765"));
        }

        internal static byte[] Frame(int opcode, bool final, byte[] payload, int start, int count)
        {
            var data = new List<byte> { (byte)((final ? 0x80 : 0) | opcode) };
            if (count < 126)
                data.Add((byte)count);
            else if (count < 65536)
                data.AddRange(new[] { (byte)126, (byte)(count >> 8), (byte)count });
            else
                data.AddRange(new byte[] { 127, 0, 0, 0, 0, 0, (byte)(count >> 16), (byte)(count >> 8), (byte)count });
            for (var i = 0; i < count; i++)
                data.Add(payload[start + i]);
            return data.ToArray();
        }

        internal static int Add(WebSocketReader reader, byte[] data, int start, int count)
        {
            var space = reader.Space(out var at, out var room);
            count = Math.Min(count, room);
            Buffer.BlockCopy(data, start, space, at, count);
            reader.Came(count);
            return count;
        }

        static List<byte[]> Read(byte[] wire, Random random)
        {
            var reader = new WebSocketReader();
            var found = new List<byte[]>();
            for (var at = 0; at < wire.Length;)
            {
                at += Add(reader, wire, at, Math.Min(1 + random.Next(20000), wire.Length - at));
                while (reader.TryTake(out var message))
                {
                    if (message.Opcode != Opcode.Binary)
                        continue;
                    var payload = new byte[message.Count];
                    Buffer.BlockCopy(message.Data, message.Start, payload, 0, message.Count);
                    found.Add(payload);
                }
            }
            return found;
        }
    }
}
