using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;

namespace MocapBridge.Tests
{
    /// <summary>Recordings of what people did, played again.</summary>
    public sealed class RecorderTests : Scenes
    {
        [Test]
        public void ARecordingHasTheTimesOfThePictures()
        {
            Body body;
            var avatar = Avatar(out body);
            avatar.Weight = 0.3f; // what is recorded is the whole of it
            var recorder = body.Root.AddComponent<MocapRecorder>();
            recorder.Kind = ClipKind.Transforms;
            Step(Pose(0));
            recorder.Begin();
            var taken = new List<PersonPose>();
            var times = new[] { 1.0, 1.04, 1.05, 1.2 };
            foreach (var time in times)
            {
                taken.Add(People.Pose(0, _random, 25));
                _source.Send(time, taken[taken.Count - 1]);
                if (time != 1.04) // two frames of the camera in one of the scene
                    Stage.Step(0.5);
            }
            Assert.That(recorder.Frames, Is.EqualTo(4));
            var shown = Turns(body);
            var clip = recorder.End();
            Assert.That(Apart(Turns(body), shown), Is.GreaterThan(0f), "the pose before the capture is back until the next frame");
            Assert.That(clip.name, Is.EqualTo("Take"));
            Assert.That(clip.length, Is.EqualTo(0.2f).Within(1e-5f));
            for (var i = 0; i < times.Length; i++)
            {
                Play(clip, body, (float)(times[i] - 1.0));
                Assert.That(Off(body, taken[i]), Is.LessThan(2e-4f), "pose " + i);
            }
        }

        [Test]
        public void MusclesAreCurvesOfTheAnimator()
        {
            Body body;
            Avatar(out body);
            var recorder = body.Root.AddComponent<MocapRecorder>();
            recorder.Kind = ClipKind.Muscles;
            Step(Pose(0));
            recorder.Begin();
            for (var n = 0; n < 3; n++)
                Step(Pose(0));
            var clip = recorder.End();
            Assert.That(clip.Curves.Count, Is.EqualTo(3 + 4 + HumanTrait.MuscleCount));
            Assert.That(clip.Curves["|Animator|RootQ.w"].length, Is.EqualTo(3));
        }

        [TestCase(Travel.Hips)]
        [TestCase(Travel.Root)]
        public void MusclesBeginWhereTheCharacterStands(Travel travel)
        {
            Body body;
            var avatar = Avatar(out body);
            avatar.Travel = travel;
            body.Root.transform.position = new Vector3(5f, 1f, -3f);
            body.Root.transform.rotation = Quaternion.AngleAxis(90f, Vector3.up);
            var recorder = body.Root.AddComponent<MocapRecorder>();
            recorder.Kind = ClipKind.Muscles;
            var pose = People.Standing(0);
            pose.Root = new Vec3(2f, 0.93f, 0.5f);
            Step(pose);
            recorder.Begin();
            Step(pose);
            var clip = recorder.End();
            var scale = body.Root.GetComponent<Animator>().humanScale;
            var wanted = new[] { 2f, 0.93f, 0.5f };
            for (var axis = 0; axis < 3; axis++)
                Assert.That(clip.Curves["|Animator|RootT." + "xyz"[axis]].Evaluate(0f), Is.EqualTo(wanted[axis] / scale).Within(Exact));
            var q = new float[4];
            for (var axis = 0; axis < 4; axis++)
                q[axis] = clip.Curves["|Animator|RootQ." + "xyzw"[axis]].Evaluate(0f);
            Assert.That(Body.Between(new Quaternion(q[0], q[1], q[2], q[3]), body.Rest[0]), Is.LessThan(Exact));
        }

        [Test]
        public void ABuiltGameRecordsTransforms()
        {
            Application.IsBuilt = true;
            Body body;
            Avatar(out body);
            var recorder = body.Root.AddComponent<MocapRecorder>();
            recorder.Kind = ClipKind.Muscles;
            recorder.Begin();
            Assert.That(recorder.IsRecording, Is.False);
            Assert.That(recorder.Problem.Contains("built game"), Is.True);
            recorder.Kind = ClipKind.Automatic;
            recorder.Begin();
            for (var n = 0; n < 3; n++)
                Step(Pose(0));
            var clip = recorder.End();
            Assert.That(clip.legacy, Is.True);
            Assert.That(clip.Curves.ContainsKey("|Animator|RootQ.w"), Is.False);
        }

        [Test]
        public void ARecordingOfNobodySaysSo()
        {
            Body body;
            Avatar(out body);
            var recorder = body.Root.AddComponent<MocapRecorder>();
            recorder.Begin();
            Stage.Step();
            Assert.That(recorder.End(), Is.Null);
            Assert.That(recorder.Problem, Is.EqualTo("Nobody was seen while recording."));
            recorder.Longest = 0.5f;
            recorder.Begin();
            for (var n = 0; n < 40; n++)
                Step(Pose(0));
            Assert.That(recorder.IsRecording, Is.False, "it ends by itself");
            Assert.That(recorder.Clip, Is.Not.Null);
            recorder.Begin();
            UnityEngine.Object.Destroy(body.Root); // in the middle of it
            Step(Pose(0));
            Step(Pose(0));
        }

        /// <summary>What an Animator makes of a clip at a time.</summary>
        internal static void Play(AnimationClip clip, Body body, float time)
        {
            foreach (var pair in clip.Curves)
            {
                var parts = pair.Key.Split('|');
                var at = parts[0].Length == 0 ? body.Root.transform : body.Root.transform.Find(parts[0]);
                Assert.That(at, Is.Not.Null, parts[0]);
                var value = pair.Value.Evaluate(time);
                var q = at.localRotation;
                var p = at.localPosition;
                switch (parts[2])
                {
                    case "localRotation.x": Raw[0] = value; break;
                    case "localRotation.y": Raw[1] = value; break;
                    case "localRotation.z": Raw[2] = value; break;
                    case "localRotation.w": at.localRotation = new Quaternion(Raw[0], Raw[1], Raw[2], value).normalized; break;
                    case "localPosition.x": at.localPosition = new Vector3(value, p.y, p.z); break;
                    case "localPosition.y": at.localPosition = new Vector3(p.x, value, p.z); break;
                    case "localPosition.z": at.localPosition = new Vector3(p.x, p.y, value); break;
                    default: Assert.Fail("a curve of " + parts[2] + q); break;
                }
            }
        }

        static readonly float[] Raw = new float[3];
    }
}
