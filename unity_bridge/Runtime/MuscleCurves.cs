using System;
using System.Collections.Generic;
using UnityEngine;

namespace MocapBridge
{
    /// <summary>
    /// Collects the muscles of a Humanoid, time by time, and makes curves of them: such a clip
    /// plays on every Humanoid. Never seen to run in Unity: what muscles are, only Unity knows.
    /// </summary>
    internal sealed class MuscleCurves : IDisposable
    {
        static readonly string[] Sides = { "Left", "Right" };
        static readonly string[] Fingers = { "Thumb", "Index", "Middle", "Ring", "Little" };

        readonly HumanPoseHandler _handler;
        readonly Vector3 _begin; // of the character, in the room and in its own size, as poses are
        readonly Quaternion _back; // from the room to how it stood
        readonly List<float> _times = new List<float>();
        readonly List<HumanPose> _poses = new List<HumanPose>();

        /// <param name="animator">Of a Humanoid, where it stands when the clip begins.</param>
        public MuscleCurves(Animator animator)
        {
            _begin = animator.transform.position / animator.humanScale;
            _back = Quaternion.Inverse(animator.transform.rotation);
            _handler = new HumanPoseHandler(animator.avatar, animator.transform);
        }

        /// <summary>Keeps the pose of now, for a time [s] later than the one before.</summary>
        public void Add(float time)
        {
            var pose = new HumanPose();
            _handler.GetHumanPose(ref pose); // the body in the room; clips want it from where they begin
            pose.bodyPosition = _back * (pose.bodyPosition - _begin);
            pose.bodyRotation = _back * pose.bodyRotation;
            if (_poses.Count > 0 && Quaternion.Dot(_poses[_poses.Count - 1].bodyRotation, pose.bodyRotation) < 0f)
            {
                var q = pose.bodyRotation;
                pose.bodyRotation = new Quaternion(-q.x, -q.y, -q.z, -q.w);
            }
            _times.Add(time);
            _poses.Add(pose);
        }

        public void WriteTo(AnimationClip clip)
        {
            Write(clip, "RootT.x", p => p.bodyPosition.x);
            Write(clip, "RootT.y", p => p.bodyPosition.y);
            Write(clip, "RootT.z", p => p.bodyPosition.z);
            Write(clip, "RootQ.x", p => p.bodyRotation.x);
            Write(clip, "RootQ.y", p => p.bodyRotation.y);
            Write(clip, "RootQ.z", p => p.bodyRotation.z);
            Write(clip, "RootQ.w", p => p.bodyRotation.w);
            var names = HumanTrait.MuscleName;
            for (var muscle = 0; muscle < names.Length; muscle++)
            {
                var of = muscle;
                Write(clip, Property(names[muscle]), p => p.muscles[of]);
            }
        }

        public void Dispose() => _handler.Dispose();

        /// <summary>The name of a muscle in a clip; fingers are called otherwise there.</summary>
        public static string Property(string muscle)
        {
            foreach (var side in Sides)
                foreach (var finger in Fingers)
                    if (muscle.StartsWith(side + " " + finger + " ", StringComparison.Ordinal))
                        return side + "Hand." + finger + "." + muscle.Substring(side.Length + finger.Length + 2);
            return muscle;
        }

        void Write(AnimationClip clip, string property, Func<HumanPose, float> value)
        {
            var values = new float[_poses.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = value(_poses[i]);
            clip.SetCurve("", typeof(Animator), property, TransformCurves.Curve(_times, values));
        }
    }
}
