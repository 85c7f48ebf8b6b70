using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace MocapBridge.Tests
{
    /// <summary>
    /// Frames that arrive unevenly are played evenly. People of these frames move by a metre and
    /// turn by a radian a second of capture time, so that a pose tells which moment is shown.
    /// </summary>
    public class CorePlaybackTests
    {
        const double Ahead = 1000; // [s] of the session's clock

        readonly Cast _cast = CoreBodies.People(3);

        [TestCase(60, 60, 0.000)]
        [TestCase(60, 72, 0.010)]
        [TestCase(30, 60, 0.020)]
        [TestCase(30, 144, 0.030)]
        [TestCase(120, 60, 0.005)]
        public void MotionIsEvenAndLittleLate(double stream, double game, double jitter)
        {
            var buffer = new JitterBuffer();
            var random = new Random(7);
            var arriving = new Queue<MotionFrame>();
            var last = 0.0;
            for (uint seq = 1; seq < 10 * stream; seq++)
            {
                var taken = seq / stream;
                last = Math.Max(last, taken + 0.02 + jitter * random.NextDouble());
                arriving.Enqueue(CoreBodies.Frame(_cast, seq, taken + Ahead, last, 0));
            }
            var pose = new PersonPose();
            var shown = double.NaN;
            for (var now = 0.0; now < 9.5; now += 1 / game)
            {
                while (arriving.Count > 0 && arriving.Peek().Arrival <= now)
                    buffer.Push(arriving.Dequeue());
                if (!buffer.Sample(0, now, pose))
                    continue;
                var step = pose.Root.X - Ahead - shown;
                shown = pose.Root.X - Ahead;
                if (now < 3)
                    continue;
                Assert.That(step * game, Is.EqualTo(1).Within(0.15), "speed");
                Assert.That(now - shown, Is.LessThan(0.02 + jitter + 2.5 / stream + 0.01), "age");
                var turn = new Quat(0, (float)Math.Sin(pose.Root.X / 2), 0, (float)Math.Cos(pose.Root.X / 2));
                CoreGolden.AreNear(turn, pose.Rotations[0], 2e-3, "turn");
            }
            Assert.That(buffer.Delay, Is.InRange(0.03, 0.12));
        }

        [Test]
        public void WithoutInterpolationTheNewestIsShownAtOnce()
        {
            var buffer = new JitterBuffer { Interpolate = false };
            var pose = new PersonPose();
            buffer.Push(CoreBodies.Frame(_cast, 1, 5.0, 1.0, 0));
            buffer.Push(CoreBodies.Frame(_cast, 2, 5.1, 1.1, 0));
            Assert.That(buffer.Sample(0, 1.1, pose));
            Assert.That(pose.Root.X, Is.EqualTo(5.1f));
        }

        [Test]
        public void WhereNothingComesTheLastPoseIsHeld()
        {
            var buffer = Playing(out var pose, out var now);
            for (var i = 0; i < 100; i++)
                Assert.That(buffer.Sample(0, now += 0.1, pose));
            Assert.That(pose.Root.X, Is.EqualTo((float)(Ahead + 1)).Within(1e-3));
        }

        [Test]
        public void WhoLeavesIsGoneAndWhoComesBackDoesNotFlyThere()
        {
            var buffer = Playing(out var pose, out var now);
            uint seq = 61;
            for (; seq < 90; seq++)
            {
                buffer.Push(CoreBodies.Frame(_cast, seq, Ahead + seq / 60.0, now += 1 / 60.0, 1));
                buffer.Sample(1, now, pose);
            }
            Assert.That(buffer.Sample(0, now, pose), Is.False);
            Assert.That(buffer.Count, Is.EqualTo(1));
            for (; seq < 120; seq++)
            {
                buffer.Push(CoreBodies.Frame(_cast, seq, Ahead + seq / 60.0, now += 1 / 60.0, 0, 1));
                if (buffer.Sample(0, now, pose))
                    Assert.That(pose.Root.X, Is.GreaterThanOrEqualTo((float)(Ahead + 90 / 60.0)));
            }
            Assert.That(buffer.Sample(0, now, pose));
            Assert.That(pose.Id, Is.EqualTo(0));
        }

        [Test]
        public void WhoIsLeftOutOnceIsBackAtOnce()
        {
            var buffer = Playing(out var pose, out var now);
            buffer.Push(CoreBodies.Frame(_cast, 61, Ahead + 61 / 60.0, now += 1 / 60.0, 1));
            for (uint seq = 62; seq < 80; seq++)
            {
                buffer.Push(CoreBodies.Frame(_cast, seq, Ahead + seq / 60.0, now += 1 / 60.0, 0, 1));
                buffer.Sample(1, now, pose);
            }
            Assert.That(buffer.Sample(0, now, pose));
            Assert.That(pose.Root.X, Is.GreaterThan((float)(Ahead + 62 / 60.0)));
        }

        [Test]
        public void WhereTheNetworkGetsWorseMotionSlowsAndDoesNotJump()
        {
            var clock = new PlaybackClock();
            var random = new Random(16);
            double arrival = 0, shown = double.NaN, before = 0, after = 0;
            for (var i = 1; i < 1200; i++)
            {
                var taken = i / 60.0;
                arrival = Math.Max(arrival, taken + (taken < 10 ? 0 : 0.06 * random.NextDouble()));
                clock.Observe(taken, arrival);
                before = taken < 10 ? clock.Delay : before;
                after = clock.Delay;
                var next = clock.Shown(taken + 0.06);
                if (i > 1)
                    Assert.That((next - shown) * 60, Is.InRange(0.89, 1.11));
                shown = next;
            }
            Assert.That(after, Is.GreaterThan(before + 0.03));
        }

        [TestCase(1, 2)] // another connection
        [TestCase(2, 1)] // numbers that go back
        public void WhereAServerBeginsAnewThePastIsForgotten(int seqBack, int session)
        {
            var buffer = Playing(out var pose, out var now);
            var frame = CoreBodies.Frame(_cast, seqBack == 2 ? 1u : 100u, 3, now + 0.01, 0);
            frame.Session = session;
            buffer.Push(frame);
            frame.Time = 3.2;
            frame.Seq++;
            frame.Arrival = now + 0.21;
            CoreBodies.Fill(frame, 0);
            buffer.Push(frame);
            Assert.That(buffer.Sample(0, now + 0.21, pose));
            Assert.That(pose.Root.X, Is.InRange(3f, 3.2f));
        }

        [Test]
        public void ANewHelloOfTheSameBonesInterruptsNobody()
        {
            var buffer = Playing(out var pose, out var now);
            buffer.Push(CoreBodies.Frame(CoreBodies.People(2), 61, Ahead + 61 / 60.0, now + 1 / 60.0, 0));
            Assert.That(buffer.Sample(0, now + 1 / 60.0, pose));
            Assert.That(pose.Root.X, Is.LessThan((float)(Ahead + 1)));
        }

        [Test]
        public void NumbersMayGoRound()
        {
            var buffer = new JitterBuffer();
            var pose = new PersonPose();
            for (uint n = 0; n < 20; n++)
                buffer.Push(CoreBodies.Frame(_cast, unchecked(0xfffffff8u + n), 1 + n / 60.0, 5 + n / 60.0, 0));
            Assert.That(buffer.Sample(0, 5 + 19 / 60.0, pose));
            Assert.That(buffer.Sample(0, 7, pose));
            Assert.That(pose.Root.X, Is.EqualTo(1 + 19 / 60f).Within(1e-4));
        }

        [Test]
        public void TimeNeverRunsBackwards()
        {
            var clock = new PlaybackClock();
            var random = new Random(8);
            double now = 0, shown = double.NegativeInfinity;
            for (var i = 0; i < 5000; i++)
            {
                now += 0.05 * random.NextDouble();
                if (i > 0 && random.Next(3) > 0)
                    clock.Observe(now - random.NextDouble() * (random.Next(100) == 0 ? 2 : 0.1), now);
                else
                    clock.Observe(now, now);
                var next = clock.Shown(now);
                Assert.That(next, Is.GreaterThanOrEqualTo(shown));
                shown = next;
            }
        }

        [Test]
        public void ClocksThatDriftAreFollowed()
        {
            var clock = new PlaybackClock();
            for (var i = 1; i < 60 * 600; i++) // ten minutes, 200 ppm
            {
                var now = i / 60.0;
                clock.Observe(now * 1.0002, now + 0.01);
                var late = now * 1.0002 - clock.Shown(now);
                Assert.That(late, Is.InRange(0.0, 0.08));
            }
        }

        [Test]
        public void TheQueueKeepsTheNewestInOrderAndLosesNoFrame()
        {
            var queue = new FrameQueue(4);
            MotionFrame mine = null;
            uint last = 0, sent = 0;
            var random = new Random(9);
            for (var round = 0; round < 10000; round++)
            {
                for (var n = random.Next(7); n > 0; n--)
                {
                    var frame = queue.Rent();
                    Assert.That(frame, Is.Not.SameAs(mine));
                    if (random.Next(10) == 0)
                    {
                        queue.Return(frame);
                        continue;
                    }
                    frame.Seq = ++sent;
                    queue.Publish(frame);
                }
                var taken = 0;
                for (var n = random.Next(7); n > 0 && queue.TryTake(ref mine); n--, taken++)
                {
                    Assert.That(mine.Seq, Is.GreaterThan(last));
                    Assert.That(sent - mine.Seq, Is.LessThan(4));
                    last = mine.Seq;
                }
            }
            Assert.That(queue.GivenUp, Is.GreaterThan(0));
        }

        JitterBuffer Playing(out PersonPose pose, out double now)
        {
            var buffer = new JitterBuffer();
            pose = new PersonPose();
            now = 0;
            for (uint seq = 1; seq <= 60; seq++)
            {
                now = seq / 60.0;
                buffer.Push(CoreBodies.Frame(_cast, seq, Ahead + now, now, 0, 1));
                buffer.Sample(0, now, pose);
            }
            return buffer;
        }
    }
}
