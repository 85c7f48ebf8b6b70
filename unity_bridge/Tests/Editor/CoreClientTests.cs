using System;
using System.Text;
using NUnit.Framework;

namespace MocapBridge.Tests
{
    /// <summary>Addresses, requests and clocks of a client, and the names of bones.</summary>
    public class CoreClientTests
    {
        [TestCase("", "ws://127.0.0.1:8765", "")]
        [TestCase("8770", "ws://127.0.0.1:8770", "")]
        [TestCase(":8770", "ws://127.0.0.1:8770", "")]
        [TestCase("localhost", "ws://localhost:8765", "")]
        [TestCase(" ws://192.168.1.20:8765/?token=a%2Bb ", "ws://192.168.1.20:8765", "a+b")]
        [TestCase("WS://host.local/", "ws://host.local:8765", "")]
        [TestCase("[::1]:9000", "ws://[::1]:9000", "")]
        [TestCase("::1", "ws://[::1]:8765", "")]
        [TestCase("host:1?x=1&token=t", "ws://host:1", "t")]
        public void AddressesAreRead(string text, string shown, string token)
        {
            var address = ServerAddress.Parse(text);
            Assert.That(address.ToString(), Is.EqualTo(shown));
            Assert.That(address.Token, Is.EqualTo(token));
            Assert.That(ServerAddress.Parse(text, "other").Token, Is.EqualTo("other"));
        }

        [TestCase("wss://127.0.0.1")]
        [TestCase("http://127.0.0.1")]
        [TestCase("host:0")]
        [TestCase("host:99999")]
        [TestCase("host:port")]
        [TestCase("[::1")]
        [TestCase("a b")]
        [TestCase("host?token=a%0d%0aX: y")]
        public void WhatIsNoAddressIsRefused(string text)
        {
            Assert.Throws<FormatException>(() => ServerAddress.Parse(text));
        }

        [Test]
        public void EveryRequestIsAnswered()
        {
            var requests = new Requests();
            var lost = requests.Ask("stop", new StringBuilder("{\"type\":\"stop\""), 0);
            Assert.That(Next(requests, AnswerKind.Error).Request, Is.EqualTo(lost));
            requests.Connected();
            var answered = requests.Ask("stop", new StringBuilder("{\"type\":\"stop\""), 0);
            var late = requests.Ask("takes", new StringBuilder("{\"type\":\"takes\""), 1);
            var cut = requests.Ask("record", new StringBuilder("{\"type\":\"record\""), 9);
            Assert.That(requests.TryTakeUnsent(out var message));
            Assert.That(
                Encoding.ASCII.GetString(message), Is.EqualTo($"{{\"type\":\"stop\",\"request\":{answered}}}"));
            requests.Answered(
                Answer.From(AnswerKind.Ack, JsonValue.Parse($"{{\"of\":\"stop\",\"request\":{answered}}}")));
            Assert.That(Next(requests, AnswerKind.Ack).Request, Is.EqualTo(answered));
            requests.GiveUpLate(12);
            Assert.That(Next(requests, AnswerKind.Error).Request, Is.EqualTo(late));
            requests.Disconnected();
            Assert.That(Next(requests, AnswerKind.Error).Request, Is.EqualTo(cut));
            requests.Disconnected();
            Assert.That(requests.TryTakeAnswer(out _), Is.False);
            Assert.That(requests.TryTakeUnsent(out _), Is.False);
        }

        [Test]
        public void TooLongARequestIsRefusedHere()
        {
            var requests = new Requests();
            requests.Connected();
            requests.Ask("record", new StringBuilder(new string('x', 70000)), 0);
            Assert.That(Next(requests, AnswerKind.Error).Of, Is.EqualTo("record"));
        }

        [Test]
        public void TheQuickestPingTellsTheTime()
        {
            var clock = new SessionClock();
            Assert.That(clock.Offset, Is.NaN);
            for (var i = 0; i < 20; i++)
            {
                var back = i == 15 ? 0.01 : 0.3;
                clock.Pong(i, 100 + i + 0.005, i + 0.01 + back - 0.01);
            }
            Assert.That(clock.Offset, Is.EqualTo(100).Within(1e-9));
            clock.Pong(7, double.NaN, 6); // a trip that ended before it began
            Assert.That(clock.Offset, Is.EqualTo(100).Within(1e-9));
        }

        [Test]
        public void BonesHaveTheNumbersOfUnity()
        {
            Assert.That(HumanBones.UnityName(HumanBones.UpperChest), Is.EqualTo("UpperChest"));
            Assert.That(HumanBones.UnityName(HumanBones.Jaw), Is.EqualTo("Jaw"));
            Assert.That(HumanBones.UnityName(53), Is.EqualTo("RightLittleDistal"));
            Assert.That(HumanBones.ProtocolName(24), Is.EqualTo("leftThumbMetacarpal"));
            Assert.That(HumanBones.ProtocolName(25), Is.EqualTo("leftThumbProximal"));
            Assert.That(HumanBones.ProtocolName(40), Is.EqualTo("rightThumbProximal"));
            Assert.That(HumanBones.Parent(HumanBones.RightThumb), Is.EqualTo(HumanBones.RightHand));
            Assert.That(HumanBones.Parent(HumanBones.Neck), Is.EqualTo(HumanBones.UpperChest));
            var place = new int[HumanBones.Count];
            for (var n = 0; n < HumanBones.Count; n++)
                place[HumanBones.Ordered(n)] = n;
            for (var bone = 0; bone < HumanBones.Count; bone++)
            {
                Assert.That(HumanBones.FromUnityName(HumanBones.UnityName(bone)), Is.EqualTo(bone));
                Assert.That(HumanBones.FromProtocolName(HumanBones.ProtocolName(bone)), Is.EqualTo(bone));
                if (HumanBones.Parent(bone) >= 0)
                    Assert.That(place[HumanBones.Parent(bone)], Is.LessThan(place[bone]));
            }
        }

        [Test]
        public void WhatOthersSayFitsInALine()
        {
            Assert.That(Plain.Line(" a\r\n\tb\u0007 c "), Is.EqualTo("a b c"));
            Assert.That(Plain.Line(new string('x', 5000), 50).Length, Is.EqualTo(50));
        }

        static Answer Next(Requests requests, AnswerKind kind)
        {
            Assert.That(requests.TryTakeAnswer(out var answer));
            Assert.That(answer.Kind, Is.EqualTo(kind));
            return answer;
        }
    }
}
