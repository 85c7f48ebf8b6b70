using System;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;
using Random = System.Random;

namespace MocapBridge.Tests
{
    /// <summary>Scenes that play, frame by frame, with whatever may happen in them.</summary>
    public sealed class LiveTests : Scenes
    {
        [Test]
        public void WhoComesAndGoesIsSaidInOrder()
        {
            Stage.Step();
            Assert.That(_receiver.State, Is.EqualTo(SourceState.Connecting));
            Step(Pose(2), Pose(0));
            Step(Pose(0), Pose(2), Pose(1));
            Assert.That(_receiver.People, Is.EqualTo(new[] { 0, 1, 2 }));
            Step(Pose(1));
            _receiver.Disconnect();
            Stage.Step();
            Assert.That(_events, Is.EqualTo(new[] { "connected", "+0", "+2", "+1", "-0", "-2", "disconnected", "-1" }));
            Assert.That(_source.IsDisposed, Is.True);
            Assert.That(_receiver.State, Is.EqualTo(SourceState.Closed));
        }

        [Test]
        public void AListenerThatThrowsStopsNothing()
        {
            _receiver.PersonAppeared += person => { throw new InvalidOperationException("a listener's fault"); };
            Body body;
            Avatar(out body);
            var pose = Pose(0);
            Step(pose);
            Assert.That(Off(body, pose), Is.LessThan(Exact));
            Assert.That(Stage.Trouble.Count, Is.EqualTo(1));
            Assert.That(Stage.Trouble[0].Contains("a listener's fault"), Is.True);
            Stage.Trouble.Clear();
        }

        [Test]
        public void AListenerMayDisconnectDestroyAndConnect()
        {
            _receiver.FrameReceived += frame => _receiver.Disconnect();
            Step(Pose(0));
            Assert.That(_receiver.State, Is.EqualTo(SourceState.Closed));
            Stage.Step();
        }

        [Test]
        public void ACharacterFollowsTheNewestPose()
        {
            Body body;
            var avatar = Avatar(out body);
            for (var n = 0; n < 10; n++)
            {
                var pose = Pose(7);
                Step(pose);
                Assert.That(Off(body, pose), Is.LessThan(Exact));
            }
            Assert.That(avatar.Followed, Is.EqualTo(7));
            Assert.That(avatar.Problem, Is.EqualTo(""));
        }

        [Test]
        public void CharactersShareThePeopleAmongThem()
        {
            Body a, b, c;
            MocapAvatar first = Avatar(out a), second = Avatar(out b), third = Avatar(out c);
            PersonPose zero = Pose(0), one = Pose(1);
            Step(zero, one);
            Assert.That(new[] { first.Followed, second.Followed, third.Followed }, Is.EqualTo(new[] { 0, 1, -1 }));
            Assert.That(Off(a, zero), Is.LessThan(Exact));
            Assert.That(Off(b, one), Is.LessThan(Exact));
            Step(one); // 0 has left; nobody is free
            Assert.That(second.Followed, Is.EqualTo(1), "who has somebody keeps them");
            Step(one, Pose(5));
            Assert.That(new[] { first.Followed, second.Followed, third.Followed }, Is.EqualTo(new[] { 5, 1, -1 }));
            first.enabled = false;
            Step(one, Pose(5));
            Stage.Step();
            Assert.That(third.Followed, Is.EqualTo(5), "whose character is off is free");
        }

        [Test]
        public void TwoCharactersMayFollowOnePerson()
        {
            Body a, b;
            Avatar(out a, 3);
            Avatar(out b, 3);
            var pose = Pose(3);
            Step(Pose(0), pose);
            Assert.That(Off(a, pose), Is.LessThan(Exact));
            Assert.That(Off(b, pose), Is.LessThan(Exact));
        }

        [TestCase(WhenLost.Rest)]
        [TestCase(WhenLost.Hold)]
        [TestCase(WhenLost.Return)]
        public void APersonWhoIsLost(WhenLost whenLost)
        {
            Body body;
            var avatar = Avatar(out body, 0);
            avatar.WhenLost = whenLost;
            var before = Turns(body);
            PersonPose seen = Pose(0), rest = Pose(0);
            Step(seen);
            rest.State = TrackState.Held;
            Step(rest);
            Assert.That(Off(body, rest), Is.LessThan(Exact), "held is followed by all");
            Step(seen);
            rest.State = TrackState.Lost;
            Step(rest);
            Stage.Step();
            if (whenLost == WhenLost.Return)
                Assert.That(Apart(Turns(body), before), Is.LessThan(1e-5f));
            else
                Assert.That(Off(body, whenLost == WhenLost.Hold ? seen : rest), Is.LessThan(Exact));
            var back = Pose(0);
            Step(back);
            Assert.That(Off(body, back), Is.LessThan(Exact));
        }

        [TestCase(WhenLost.Rest)]
        [TestCase(WhenLost.Return)]
        public void ThePersonLeavesAndComesBack(WhenLost whenLost)
        {
            Body body;
            var avatar = Avatar(out body);
            avatar.WhenLost = whenLost;
            var before = Turns(body);
            var pose = Pose(0);
            Step(pose);
            Step();
            Stage.Step();
            if (whenLost == WhenLost.Return)
                Assert.That(Apart(Turns(body), before), Is.LessThan(1e-5f));
            else
                Assert.That(Off(body, pose), Is.LessThan(Exact));
            var back = Pose(4);
            Step(back);
            Assert.That(avatar.Followed, Is.EqualTo(4));
            Assert.That(Off(body, back), Is.LessThan(Exact));
        }

        [Test]
        public void TheServerGoesAndComesBack()
        {
            Body a, b;
            MocapAvatar stays = Avatar(out a), returns = Avatar(out b);
            returns.WhenLost = WhenLost.Return;
            var before = Turns(b);
            PersonPose zero = Pose(0), one = Pose(1);
            Step(zero, one);
            _source.State = SourceState.Waiting;
            _source.Problem = "It does not answer.";
            var until = Clock.Now + 0.7;
            while (Clock.Now < until)
            {
                Stage.Step();
                System.Threading.Thread.Sleep(20);
            }
            Assert.That(_receiver.IsLive, Is.False);
            Assert.That(_receiver.People, Is.Empty);
            Assert.That(_receiver.Problem, Is.EqualTo("It does not answer."));
            Assert.That(Off(a, zero), Is.LessThan(Exact));
            Assert.That(Apart(Turns(b), before), Is.LessThan(1e-5f));
            zero = Pose(0);
            one = Pose(1);
            Step(one, zero);
            Assert.That(new[] { stays.Followed, returns.Followed }, Is.EqualTo(new[] { 0, 1 }), "nobody was exchanged");
            Assert.That(Off(a, zero), Is.LessThan(Exact));
            Assert.That(Off(b, one), Is.LessThan(Exact));
            Assert.That(_events, Is.EqualTo(new[] { "connected", "+0", "+1", "disconnected", "-0", "-1", "connected", "+0", "+1" }));
        }

        [Test]
        public void ACharacterIsDestroyedWhileItMoves()
        {
            Body whole, bone, model;
            Avatar(out whole);
            var second = Avatar(out bone);
            var owner = new GameObject("Owner").AddComponent<MocapAvatar>();
            owner.Fade = 0f;
            model = new Body(_random);
            model.MakeHumanoid();
            model.Root.transform.SetParent(owner.transform, false);
            Step(Pose(0), Pose(1), Pose(2));
            Assert.That(owner.Followed, Is.EqualTo(2));
            UnityEngine.Object.Destroy(whole.Root);
            UnityEngine.Object.DestroyImmediate(bone.Bones[HumanBones.LeftUpperLeg].gameObject);
            UnityEngine.Object.Destroy(model.Root);
            for (var n = 0; n < 3; n++)
                Step(Pose(0), Pose(1), Pose(2));
            Assert.That(second.Problem.Contains("LeftUpperLeg"), Is.True, second.Problem);
            Assert.That(owner.Problem.Contains("Animator"), Is.True, owner.Problem);
            var other = new Body(_random); // another model comes
            other.MakeHumanoid();
            other.Root.transform.SetParent(owner.transform, false);
            Stage.Step(1.1);
            var pose = Pose(0);
            Step(pose, Pose(1), Pose(2));
            Assert.That(owner.Problem, Is.EqualTo(""));
            Assert.That(owner.Followed, Is.EqualTo(0), "whose character is gone is free");
            Assert.That(Off(other, pose), Is.LessThan(Exact));
        }

        [Test]
        public void NoAnimatorNoReceiverNoBones()
        {
            var bare = new GameObject("Bare").AddComponent<MocapAvatar>();
            Step(Pose(0));
            Assert.That(bare.Problem.Contains("Animator"), Is.True);
            UnityEngine.Object.DestroyImmediate(_receiver.gameObject);
            Body body;
            var avatar = Avatar(out body);
            Stage.Step();
            Assert.That(avatar.Problem.Contains("Receiver"), Is.True);
            var later = Receiver();
            _source = new ScriptedSource();
            later.Connect(_source);
            var pose = Pose(0);
            Step(pose);
            Assert.That(Off(body, pose), Is.LessThan(Exact));
        }

        [Test]
        public void ThePoseLiesOverWhatTheAnimatorShows()
        {
            Body body;
            var avatar = Avatar(out body);
            Quaternion[] animated = null;
            Stage.Animating = () =>
            {
                for (var bone = 0; bone < HumanBones.Count; bone++)
                    if (body.Bones[bone] != null)
                        body.Bones[bone].localRotation = People.Turn(_random);
                animated = Turns(body);
            };
            var pose = Pose(0);
            avatar.Weight = 0f;
            Step(pose);
            Assert.That(Apart(Turns(body), animated), Is.LessThan(1e-6f));
            avatar.Weight = 1f;
            Step(pose);
            Assert.That(Off(body, pose), Is.LessThan(Exact));
            avatar.Weight = 0.25f;
            for (var n = 0; n < 3; n++)
            {
                Step(pose);
                var shown = body.Bones[HumanBones.Hips].rotation;
                var wanted = People.Globals(People.Humanoid(), pose)[0] * body.Rest[0];
                Assert.That(Body.Between(shown, Quaternion.Slerp(animated[0], wanted, 0.25f)), Is.LessThan(Exact));
            }
        }

        [Test]
        public void ARigOfAnyKindRestsAsTheSceneBegan()
        {
            var body = new Body(_random); // no Humanoid, but animated all the same
            var avatar = body.Root.AddComponent<MocapAvatar>();
            avatar.Fade = 0f;
            for (var bone = 0; bone < HumanBones.Count; bone++)
                if (body.Bones[bone] != null)
                    avatar.SetBone((HumanBodyBones)bone, body.Bones[bone]);
            Stage.Animating = () =>
            {
                foreach (var bone in body.Bones)
                    if (bone != null)
                        bone.localRotation = People.Turn(_random);
            };
            Stage.Step();
            avatar.Rebind();
            var pose = Pose(0);
            Step(pose);
            Assert.That(avatar.Problem, Is.EqualTo(""));
            Assert.That(Off(body, pose), Is.LessThan(Exact));
        }

        [Test]
        public void HalfAPoseStaysHalfWhereNobodyElseWrites()
        {
            Body body;
            var avatar = Avatar(out body);
            var before = body.Bones[0].rotation;
            avatar.Weight = 0.5f;
            var pose = Pose(0);
            var wanted = Quaternion.Slerp(before, People.Globals(People.Humanoid(), pose)[0] * body.Rest[0], 0.5f);
            for (var n = 0; n < 20; n++)
                Step(pose);
            Assert.That(Body.Between(body.Bones[0].rotation, wanted), Is.LessThan(Exact));
        }

        [Test]
        public void FadingTakesItsTime()
        {
            Body body;
            var avatar = Avatar(out body);
            avatar.Fade = 0.3f;
            var before = body.Bones[0].rotation;
            var pose = Pose(0);
            Step(pose);
            var first = Body.Between(body.Bones[0].rotation, before);
            for (var n = 0; n < 20; n++)
                Step(pose);
            Assert.That(first, Is.GreaterThan(0f).And.LessThan(0.1f));
            Assert.That(Off(body, pose), Is.LessThan(Exact));
        }

        [Test]
        public void AGameThatIsPausedIsNoReasonToStandStill()
        {
            Body body;
            var avatar = Avatar(out body);
            avatar.Fade = 0.3f;
            Time.timeScale = 0f;
            var pose = Pose(0);
            for (var n = 0; n < 20; n++)
                Step(pose);
            Assert.That(Off(body, pose), Is.LessThan(Exact));
        }

        [Test]
        public void ConnectingAnewAtOnceExchangesNobody()
        {
            Body a, b;
            MocapAvatar first = Avatar(out a), second = Avatar(out b);
            Step(Pose(0), Pose(1));
            Step(Pose(1));
            Step(Pose(1), Pose(0)); // first has waited, and took whom it could
            Assert.That(new[] { first.Followed, second.Followed }, Is.EqualTo(new[] { 0, 1 }));
            _source = new ScriptedSource();
            _receiver.Connect(_source);
            Stage.Step();
            Assert.That(_receiver.IsLive, Is.False);
            Assert.That(new[] { first.Followed, second.Followed }, Is.EqualTo(new[] { 0, 1 }));
            Step(Pose(1));
            Step(Pose(1), Pose(0));
            Assert.That(second.Followed, Is.EqualTo(1));
        }

        [Test]
        public void BonesThatAreHiddenAreSaid()
        {
            var body = new Body(_random);
            body.MakeHumanoid(_random);
            var avatar = body.Root.AddComponent<MocapAvatar>();
            body.Root.GetComponent<Animator>().IsOptimized = true;
            UnityEngine.Object.DestroyImmediate(body.Bones[HumanBones.LeftUpperLeg].gameObject);
            Step(Pose(0));
            Assert.That(avatar.Problem.Contains("Optimize Game Objects"), Is.True, avatar.Problem);
        }

        [Test]
        public void SwitchedOffAndOnItLooksAtTheCharacterAnew()
        {
            Body body;
            var avatar = Avatar(out body);
            var leg = body.Bones[HumanBones.LeftUpperLeg];
            var name = leg.name;
            leg.name = "hidden";
            Step(Pose(0));
            Assert.That(avatar.Problem.Contains("LeftUpperLeg"), Is.True, avatar.Problem);
            leg.name = name;
            avatar.enabled = false;
            avatar.enabled = true; // at once, although it has just looked
            var pose = Pose(0);
            Step(pose);
            Assert.That(Off(body, pose), Is.LessThan(Exact));
        }

        [Test]
        public void WhatTheEditorChangesBesideTheComponentIsSeen()
        {
            Body body;
            var avatar = Avatar(out body);
            avatar.WhenLost = WhenLost.Hold;
            var pose = Pose(0);
            Step(pose);
            var other = new GameObject("Other").transform;
            other.SetParent(body.Bones[HumanBones.LeftLowerArm], false);
            // as Undo, or the revert of a prefab, writes it
            var bones = typeof(MocapAvatar).GetField("bones", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic);
            bones.SetValue(avatar, new List<BoneSlot> { new BoneSlot { bone = HumanBodyBones.LeftHand, transform = other } });
            Message(avatar, "OnValidate")();
            var hips = body.Bones[0].rotation;
            Step(); // nobody is seen: what was held is held on
            Assert.That(Body.Between(other.localRotation, Quaternion.identity), Is.GreaterThan(0.01f));
            Assert.That(Body.Between(body.Bones[0].rotation, hips), Is.LessThan(Exact));
        }

        [Test]
        public void GizmosDrawEverybody()
        {
            _receiver.gameObject.AddComponent<MocapGizmos>();
            Gizmos.Lines.Clear();
            Stage.Send("OnDrawGizmos");
            Assert.That(Gizmos.Lines, Is.Empty);
            Step(People.Standing(0), Pose(1));
            Stage.Send("OnDrawGizmos");
            Assert.That(Gizmos.Lines.Count, Is.EqualTo(2 * 21));
            Assert.That(Gizmos.Lines[0].Key.y, Is.EqualTo(0.93f).Within(1e-5f));
        }

        [Test]
        public void AWrongAddressIsSaidAndPutRight()
        {
            _receiver.Address = "http://somewhere";
            _receiver.Connect();
            Stage.Step();
            Assert.That(_receiver.State, Is.EqualTo(SourceState.Refused));
            Assert.That(_receiver.Problem.Length, Is.GreaterThan(10));
            var source = new ScriptedSource();
            _receiver.Connect(source);
            Stage.Step();
            Assert.That(_receiver.State, Is.EqualTo(SourceState.Connecting));
            Assert.That(_receiver.Problem, Is.EqualTo(""));
            _receiver.enabled = false;
            Assert.That(source.IsDisposed, Is.True);
        }

        [Test]
        public void TheFigureOfTheSampleFollows()
        {
            var figure = new GameObject("Figure").AddComponent<LiveFigure>();
            Stage.Step();
            var standing = People.Standing(0);
            standing.Root = new Vec3(0.5f, 0.93f, 0f);
            var arm = HumanBones.LeftUpperArm;
            var index = People.Humanoid().IndexOfBone(arm);
            standing.Rotations[index] = Quaternion.AngleAxis(90f, Vector3.forward).ToCore(); // the left arm, along -x, hangs down
            _source.Send(1.0, standing);
            for (var n = 0; n < 60; n++)
                Stage.Step();
            var avatar = figure.GetComponent<MocapAvatar>();
            Assert.That(avatar.Problem, Is.EqualTo(""));
            Assert.That(Vector3.Distance(avatar.BoneTransform(HumanBodyBones.Hips).position, new Vector3(0.5f, 0.93f, 0f)), Is.LessThan(Exact));
            var along = avatar.BoneTransform(HumanBodyBones.LeftLowerArm).position - avatar.BoneTransform(HumanBodyBones.LeftUpperArm).position;
            Assert.That(Vector3.Distance(along, new Vector3(0f, -0.28f, 0f)), Is.LessThan(Exact));
            Assert.That(MocapReceiver.First, Is.EqualTo(_receiver), "there was a receiver");
        }

        [Test]
        public void NothingIsAllocatedInAFrame()
        {
            Body body;
            var avatar = Avatar(out body);
            _receiver.Smooth = true;
            for (var n = 0; n < 5; n++)
                Step(Pose(0), Pose(1));
            var receive = Message(_receiver, "Update");
            var follow = Message(avatar, "LateUpdate");
            for (var n = 0; n < 10; n++)
            {
                receive();
                follow();
            }
            var before = GC.GetAllocatedBytesForCurrentThread();
            var counted = new byte[1000];
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.GreaterThanOrEqualTo(1000), "allocations are counted");
            var least = long.MaxValue; // of three times, since the runtime now and then counts work of its own
            for (var round = 0; round < 3; round++)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
                for (var n = 0; n < 10000; n++)
                {
                    receive();
                    follow();
                }
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            Assert.That(least, Is.EqualTo(0));
            GC.KeepAlive(counted);
        }

        static Action Message(MonoBehaviour of, string name)
        {
            var method = of.GetType().GetMethod(name, System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic);
            return (Action)Delegate.CreateDelegate(typeof(Action), of, method);
        }
    }
}
