using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Threading;
using NUnit.Framework;

namespace MocapBridge.Tests
{
    /// <summary>Datagrams of VMC, of our own and other senders.</summary>
    public class CoreVmcTests
    {
        FrameQueue _frames;
        VmcStream _stream;
        MotionFrame _frame;
        double _now;

        [SetUp]
        public void Begin()
        {
            _frames = new FrameQueue(8);
            _frame = null;
            _stream = new VmcStream(_frames);
        }

        [Test]
        public void AFrameEndsWithItsTime()
        {
            Send(Bone("Hips", new Vec3(0.1f, 0.9f, 0), new Quat(0, 1, 0, 0)));
            Send(Bone("LeftUpperLeg", new Vec3(-0.1f, 0, 0), Quat.Identity));
            Assert.That(_frames.TryTake(ref _frame), Is.False);
            Send(Message("/VMC/Ext/T", "f", 1.5f));
            Assert.That(_frames.TryTake(ref _frame));
            Assert.That(_frame.Time, Is.EqualTo(1.5));
            Assert.That(_frame.Count, Is.EqualTo(1));
            Assert.That(_frame.Cast.Skeleton.Count, Is.EqualTo(2));
            Assert.That(_frame.Cast.Skeleton.IndexOfBone(HumanBones.LeftUpperLeg), Is.EqualTo(1));
            CoreGolden.AreNear(new Vec3(0.1f, 0.9f, 0), _frame[0].Root, 1e-6, "root");
            CoreGolden.AreNear(new Quat(0, 1, 0, 0), _frame[0].Rotations[0], 1e-6, "hips");
        }

        [Test]
        public void TheRootCarriesTheHips()
        {
            var quarter = new Quat(0, (float)Math.Sqrt(0.5), 0, (float)Math.Sqrt(0.5));
            Send(Message("/VMC/Ext/Root/Pos", "sfffffff", "root", 1f, 2f, 3f, 0f, quarter.Y, 0f, quarter.W));
            Send(Bone("Hips", new Vec3(0, 0, 1), quarter));
            Send(Message("/VMC/Ext/T", "f", 1f));
            Assert.That(_frames.TryTake(ref _frame));
            CoreGolden.AreNear(new Vec3(2, 2, 3), _frame[0].Root, 1e-5, "root");
            CoreGolden.AreNear(new Quat(0, 1, 0, 0), _frame[0].Rotations[0], 1e-3, "hips");
        }

        [Test]
        public void ThumbsKeepTheirOrder()
        {
            Send(Bone("Hips", Vec3.Zero, Quat.Identity));
            Send(Bone("LeftThumbIntermediate", Vec3.Zero, Quat.Identity));
            Send(Message("/VMC/Ext/T", "f", 1f));
            Assert.That(_frames.TryTake(ref _frame));
            Assert.That(_frame.Cast.Skeleton.Name(1), Is.EqualTo("leftThumbProximal"));
        }

        [Test]
        public void WithoutTimesAFrameEndsWhereABoneComesAgain()
        {
            for (var i = 0; i < 5; i++)
            {
                Send(Bone("Hips", new Vec3(i, 1, 0), Quat.Identity));
                Send(Bone("Spine", new Vec3(0, 0.1f, 0), Quat.Identity));
            }
            for (var i = 0; i < 4; i++)
            {
                Assert.That(_frames.TryTake(ref _frame));
                Assert.That(_frame[0].Root.X, Is.EqualTo((float)i));
            }
            Assert.That(_frames.TryTake(ref _frame), Is.False);
        }

        [Test]
        public void ATimeThatStandsStillIsNone()
        {
            for (var i = 0; i < 6; i++)
            {
                Send(Bone("Hips", new Vec3(i, 1, 0), Quat.Identity));
                Send(Message("/VMC/Ext/T", "f", 0f));
            }
            double last = double.NegativeInfinity, root = 0;
            while (_frames.TryTake(ref _frame))
            {
                if (_frame.Session > 1)
                    Assert.That(_frame.Time, Is.GreaterThan(last));
                last = _frame.Time;
                root = _frame[0].Root.X;
            }
            Assert.That(root, Is.GreaterThanOrEqualTo(4));
        }

        [Test]
        public void ASenderThatBeginsAnewIsAnotherSession()
        {
            foreach (var time in new[] { 10f, 11f, 1f, 2f })
            {
                Send(Bone("Hips", Vec3.Zero, Quat.Identity));
                Send(Message("/VMC/Ext/T", "f", time));
            }
            var sessions = new List<int>();
            while (_frames.TryTake(ref _frame))
                sessions.Add(_frame.Session);
            Assert.That(sessions, Is.EqualTo(new[] { 1, 1, 2, 2 }));
        }

        [Test]
        public void WhoIsNotThereIsOnNoFrame()
        {
            Send(Bone("Hips", Vec3.Zero, Quat.Identity));
            Send(Message("/VMC/Ext/OK", "iiii", 1, 3, 0, 0));
            Send(Message("/VMC/Ext/T", "f", 1f));
            Assert.That(_frames.TryTake(ref _frame));
            Assert.That(_frame[0].State, Is.EqualTo(TrackState.Lost));
            Send(Message("/VMC/Ext/OK", "i", 0));
            Assert.That(_frames.TryTake(ref _frame));
            Assert.That(_frame.Count, Is.EqualTo(0));
        }

        [Test]
        public void WhatIsOfOtherTypesIsPassedOver()
        {
            Send(Bone("Hips", Vec3.Zero, Quat.Identity));
            Send(Message("/VMC/Ext/Bone/Pos", "siiiiiii", "Hips", 1, 2, 3, 0, 0, 0, 1));
            Send(Message("/VMC/Ext/Bone/Pos", "sfff", "Hips", 1f, 2f, 3f));
            Send(Bone("Hips", new Vec3(float.NaN, 0, 0), Quat.Identity));
            Send(Bone("Hips", new Vec3(9, 0, 0), new Quat(0, 0, 0, 0)));
            Send(Bone("Nose", Vec3.Zero, Quat.Identity));
            Send(Message("/VMC/Ext/Cam", "s", "Camera"));
            Send(Message("/somebody/else", "f", 1f));
            Send(Encoding.ASCII.GetBytes("#bundle"));
            Send(Message("/VMC/Ext/T", "f", 1f));
            Assert.That(_frames.TryTake(ref _frame));
            CoreGolden.AreNear(Vec3.Zero, _frame[0].Root, 1e-6, "root");
            Assert.That(_stream.Bad, Is.EqualTo(6));
        }

        [Test]
        public void BlendsAreKept()
        {
            Send(Message("/VMC/Ext/Blend/Val", "sf", "Joy", 0.25f));
            Send(Message("/VMC/Ext/Blend/Val", "sf", "Joy", 0.75f));
            Assert.That(_stream.TryGetBlend("Joy", out var value));
            Assert.That(value, Is.EqualTo(0.75f));
            Assert.That(_stream.TryGetBlend("Fun", out value), Is.False);
        }

        [Test]
        public void GoldenDatagramsAreTaken()
        {
            var index = CoreGolden.Json("vmc", "index.json");
            Assert.That(index.IsMissing, Is.False);
            foreach (var name in new[] { "00_root.bin", "01_bone.bin", "02_bone.bin", "03_ok.bin", "04_t.bin" })
                Send(CoreGolden.Bytes("vmc", name));
            Assert.That(_stream.Bad, Is.EqualTo(0));
            Assert.That(_frames.TryTake(ref _frame));
            Assert.That(_frame.Cast.Skeleton.Count, Is.EqualTo(22));
        }

        void Send(byte[] datagram)
        {
            _stream.Take(datagram, datagram.Length, _now += 0.01);
        }

        [Test]
        public void ASocketThatWasTakenAwayIsBoundAgain()
        {
            using (var receiver = new VmcReceiver(0))
            using (var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
            {
                receiver.Start();
                var port = receiver.Port;
                sender.Connect(IPAddress.Loopback, port);
                Assert.That(Hears(receiver, sender), receiver.Problem);
                var field = typeof(VmcReceiver).GetField("_socket", BindingFlags.NonPublic | BindingFlags.Instance);
                ((Socket)field.GetValue(receiver)).Close();
                Assert.That(Within(() => receiver.Problem.Contains("was lost")), receiver.Problem);
                Assert.That(Hears(receiver, sender), receiver.Problem);
                Assert.That(receiver.Port, Is.EqualTo(port));
            }
        }

        static bool Hears(VmcReceiver receiver, Socket sender)
        {
            var before = receiver.FramesReceived;
            var time = (float)before + 1;
            return Within(() =>
            {
                try
                {
                    sender.Send(Bone("Hips", new Vec3(0, 1, 0), Quat.Identity));
                    sender.Send(Message("/VMC/Ext/T", "f", time++));
                }
                catch (SocketException)
                {
                    // nobody listens at the moment
                }
                return receiver.FramesReceived > before + 2 && receiver.State == SourceState.Connected;
            });
        }

        static bool Within(Func<bool> condition)
        {
            for (var i = 0; i < 1000; i++)
            {
                if (condition())
                    return true;
                Thread.Sleep(10);
            }
            return false;
        }

        static byte[] Bone(string name, Vec3 place, Quat turn) =>
            Message("/VMC/Ext/Bone/Pos", "sfffffff", name, place.X, place.Y, place.Z, turn.X, turn.Y, turn.Z, turn.W);

        static byte[] Message(string address, string tags, params object[] values)
        {
            var data = new List<byte>();
            AddText(data, address);
            AddText(data, "," + tags);
            foreach (var value in values)
            {
                if (value is string)
                {
                    AddText(data, (string)value);
                    continue;
                }
                var bytes = value is int ? BitConverter.GetBytes((int)value) : BitConverter.GetBytes((float)value);
                Array.Reverse(bytes);
                data.AddRange(bytes);
            }
            return data.ToArray();
        }

        static void AddText(List<byte> data, string text)
        {
            data.AddRange(Encoding.ASCII.GetBytes(text));
            do
                data.Add(0);
            while (data.Count % 4 != 0);
        }
    }
}
