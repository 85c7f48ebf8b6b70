using System.Collections.Generic;
using UnityEngine;

namespace MocapBridge
{
    /// <summary>What kind of curves a clip has.</summary>
    public enum ClipKind
    {
        [Tooltip("Muscles for a Humanoid, whose Animator plays nothing else; transforms for any other, and in a built game.")]
        Automatic,

        [Tooltip("Positions and rotations of this character's bones: exact, for this skeleton alone. An Animator with a Humanoid Avatar does not play them.")]
        Transforms,

        [Tooltip("Muscles, for every Humanoid. Never seen to run in Unity.")]
        Muscles,
    }

    /// <summary>One person over time: poses with the times at which their pictures were taken.</summary>
    public sealed class PersonMotion
    {
        readonly List<double> _times = new List<double>();
        readonly List<PersonPose> _poses = new List<PersonPose>();
        readonly List<Cast> _casts = new List<Cast>();

        public int Count => _times.Count;

        /// <summary>[s] From the first to the last pose.</summary>
        public double Seconds => Count == 0 ? 0.0 : _times[Count - 1] - _times[0];

        public double Time(int i) => _times[i];

        public PersonPose Pose(int i) => _poses[i];

        /// <summary>What pose i is a pose of.</summary>
        public Cast Cast(int i) => _casts[i];

        /// <summary>Keeps a copy of a pose; one that is not later than the last is left out.</summary>
        public void Add(double time, Cast cast, PersonPose pose)
        {
            if (Count > 0 && time - _times[Count - 1] < 1e-4)
                return;
            var copy = new PersonPose();
            copy.CopyFrom(pose);
            _times.Add(time);
            _poses.Add(copy);
            _casts.Add(cast);
        }
    }

    /// <summary>Brings a motion onto a character and keeps what its bones do, as a clip.</summary>
    public static class ClipBaker
    {
        /// <summary>What a clip of a character is made of.</summary>
        public static ClipKind Chosen(MocapAvatar avatar, ClipKind kind)
        {
            if (kind != ClipKind.Automatic)
                return kind;
            return MocapAvatar.IsHumanoid(avatar.Animator) && Application.isEditor ? ClipKind.Muscles : ClipKind.Transforms;
        }

        /// <summary>Why there can be no clip of this kind of a character, a sentence; empty if there can.</summary>
        public static string Problem(MocapAvatar avatar, ClipKind kind)
        {
            if (Chosen(avatar, kind) != ClipKind.Muscles)
                return "";
            if (!MocapAvatar.IsHumanoid(avatar.Animator))
                return "Only a Humanoid has muscles: set Kind to Automatic.";
            return Application.isEditor ? "" : "A built game makes no clips of muscles: set Kind to Automatic.";
        }

        /// <summary>A clip that begins with the first pose, at 0 s, with a key for each pose.</summary>
        /// <returns>Null if there is no motion, Problem is not empty, or the character cannot be moved
        /// and its own Problem says why.</returns>
        public static AnimationClip Bake(MocapAvatar avatar, PersonMotion motion, ClipKind kind = ClipKind.Automatic)
        {
            if (motion.Count == 0 || Problem(avatar, kind).Length > 0)
                return null;
            avatar.Release(); // clips begin where the character stands without the capture
            var root = avatar.Root;
            var turning = new List<Transform>();
            avatar.Moved(motion.Cast(0), motion.Cast(0).IndexOf(motion.Pose(0).Id), turning);
            if (turning.Count == 0)
                return null;
            var moving = new List<Transform>();
            var hips = avatar.BoneTransform(HumanBodyBones.Hips);
            if (turning.Contains(hips))
                moving.Add(hips);
            if (avatar.Travel == Travel.Root)
                moving.Add(root);
            var clip = new AnimationClip { frameRate = (float)System.Math.Max(1.0, System.Math.Round(Rate(motion))), legacy = !Application.isEditor };
            var transforms = new TransformCurves(root, turning, moving);
            var muscles = Chosen(avatar, kind) == ClipKind.Muscles ? new MuscleCurves(avatar.Animator) : null;
            try
            {
                for (var i = 0; i < motion.Count; i++)
                {
                    var time = (float)(motion.Time(i) - motion.Time(0));
                    var place = motion.Cast(i).IndexOf(motion.Pose(i).Id);
                    if (place < 0 || !avatar.Show(motion.Cast(i), place, motion.Pose(i)))
                        continue;
                    if (muscles != null)
                        muscles.Add(time);
                    else
                        transforms.Add(time);
                }
            }
            finally
            {
                avatar.Release();
                if (muscles != null)
                    muscles.Dispose();
            }
            if (muscles != null)
                muscles.WriteTo(clip);
            else
                transforms.WriteTo(clip);
            clip.EnsureQuaternionContinuity();
            return clip;
        }

        /// <summary>[1/s] The usual distance of two poses, as a rate.</summary>
        static double Rate(PersonMotion motion)
        {
            if (motion.Count < 2)
                return 30.0;
            var steps = new List<double>();
            for (var i = 1; i < motion.Count; i++)
                steps.Add(motion.Time(i) - motion.Time(i - 1));
            steps.Sort();
            return 1.0 / steps[steps.Count / 2];
        }
    }
}
