// Animators, avatars and clips. An avatar is what AvatarBuilder was told; muscles stay at zero.

using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public enum HumanBodyBones
    {
        Hips = 0, LeftUpperLeg, RightUpperLeg, LeftLowerLeg, RightLowerLeg, LeftFoot, RightFoot, Spine, Chest, Neck, Head,
        LeftShoulder, RightShoulder, LeftUpperArm, RightUpperArm, LeftLowerArm, RightLowerArm, LeftHand, RightHand,
        LeftToes, RightToes, LeftEye, RightEye, Jaw,
        LeftThumbProximal, LeftThumbIntermediate, LeftThumbDistal, LeftIndexProximal, LeftIndexIntermediate, LeftIndexDistal,
        LeftMiddleProximal, LeftMiddleIntermediate, LeftMiddleDistal, LeftRingProximal, LeftRingIntermediate, LeftRingDistal,
        LeftLittleProximal, LeftLittleIntermediate, LeftLittleDistal,
        RightThumbProximal, RightThumbIntermediate, RightThumbDistal, RightIndexProximal, RightIndexIntermediate, RightIndexDistal,
        RightMiddleProximal, RightMiddleIntermediate, RightMiddleDistal, RightRingProximal, RightRingIntermediate, RightRingDistal,
        RightLittleProximal, RightLittleIntermediate, RightLittleDistal,
        UpperChest, LastBone
    }

    public static class HumanTrait
    {
        /// <summary>Names as HumanBone has them: fingers are written with blanks.</summary>
        public static string[] BoneName
        {
            get
            {
                string[] names = new string[BoneCount];
                for (int i = 0; i < BoneCount; i++)
                {
                    string name = ((HumanBodyBones)i).ToString();
                    foreach (string finger in new[] { "Thumb", "Index", "Middle", "Ring", "Little" }) { name = name.Replace(finger, " " + finger + " "); }
                    names[i] = name;
                }
                return names;
            }
        }

        public static int BoneCount { get { return 55; } }
        public static int MuscleCount { get { return 95; } }
        public static string[] MuscleName
        {
            get
            {
                string[] names = new string[MuscleCount];
                for (int i = 0; i < names.Length; i++) { names[i] = "Muscle " + i; }
                return names;
            }
        }
    }

    public struct HumanLimit { public bool useDefaultValues { get; set; } }

    public struct HumanBone
    {
        public HumanLimit limit;
        public string boneName { get; set; }
        public string humanName { get; set; }
    }

    public struct SkeletonBone
    {
        public string name;
        public Vector3 position;
        public Quaternion rotation;
        public Vector3 scale;
    }

    public struct HumanDescription
    {
        public HumanBone[] human;
        public SkeletonBone[] skeleton;
        public float armStretch { get; set; }
        public float feetSpacing { get; set; }
        public bool hasTranslationDoF { get; set; }
        public float legStretch { get; set; }
        public float lowerArmTwist { get; set; }
        public float lowerLegTwist { get; set; }
        public float upperArmTwist { get; set; }
        public float upperLegTwist { get; set; }
    }

    public class Avatar : Object
    {
        internal HumanDescription Description;
        public bool isValid { get; internal set; }
        public bool isHuman { get; internal set; }
        public HumanDescription humanDescription { get { return Description; } }
    }

    public static class AvatarBuilder
    {
        public static Avatar BuildHumanAvatar(GameObject go, HumanDescription humanDescription)
        {
            foreach (HumanBone bone in humanDescription.human)
            {
                if (Array.IndexOf(HumanTrait.BoneName, bone.humanName) < 0) { throw new ArgumentException("no human bone " + bone.humanName); }
                if (!Array.Exists(humanDescription.skeleton, s => s.name == bone.boneName)) { throw new ArgumentException(bone.boneName + " is not in the skeleton"); }
            }
            return new Avatar { Description = humanDescription, isValid = true, isHuman = true, name = go.name };
        }

        public static Avatar BuildGenericAvatar(GameObject go, string rootMotionTransformName) { return new Avatar { isValid = true }; }
    }

    public class RuntimeAnimatorController : Object { }

    public class Animator : Behaviour
    {
        public Avatar avatar { get; set; }
        public RuntimeAnimatorController runtimeAnimatorController { get; set; }
        public bool applyRootMotion { get; set; }
        public bool isHuman { get { return avatar != null && avatar.isHuman; } }
        /// <summary>False where Optimize Game Objects has left some of the bones, or none of them.</summary>
        public bool hasTransformHierarchy { get { return !IsOptimized; } }
        public bool IsOptimized { get; set; }

        /// <summary>Not always the same, so that whoever forgets it is found out.</summary>
        public float humanScale { get { return 0.8f; } }


        public Transform GetBoneTransform(HumanBodyBones humanBoneId)
        {
            if (avatar == null) { throw new InvalidOperationException("Avatar is null."); }
            if (!avatar.isHuman) { throw new InvalidOperationException("Avatar is not of type humanoid."); }
            if (humanBoneId < 0 || humanBoneId >= HumanBodyBones.LastBone) { throw new IndexOutOfRangeException("humanBoneId must be between 0 and " + HumanBodyBones.LastBone); }
            string name = HumanTrait.BoneName[(int)humanBoneId];
            foreach (HumanBone bone in avatar.Description.human) { if (bone.humanName == name) { return Below(transform, bone.boneName); } }
            return null;
        }

        private static Transform Below(Transform at, string name)
        {
            foreach (Transform child in at)
            {
                Transform found = child.name == name ? child : Below(child, name);
                if (found != null) { return found; }
            }
            return null;
        }
    }

    public struct HumanPose
    {
        public Vector3 bodyPosition;
        public Quaternion bodyRotation;
        public float[] muscles;
    }

    public class HumanPoseHandler : IDisposable
    {
        private readonly Animator _animator;
        public HumanPoseHandler(Avatar avatar, Transform root)
        {
            if (avatar == null || !avatar.isHuman) { throw new ArgumentException("avatar is not human"); }
            _animator = root.GetComponent<Animator>();
        }

        /// <summary>The body, which is the hips here, in the room and divided by the human scale.</summary>

        public void GetHumanPose(ref HumanPose humanPose)
        {
            Transform hips = _animator.GetBoneTransform(HumanBodyBones.Hips);
            humanPose.bodyPosition = hips.position / _animator.humanScale;
            humanPose.bodyRotation = hips.rotation;
            if (humanPose.muscles == null || humanPose.muscles.Length != HumanTrait.MuscleCount) { humanPose.muscles = new float[HumanTrait.MuscleCount]; }
        }

        public void Dispose() { }
    }

    public struct Keyframe
    {
        public float time { get; set; }
        public float value { get; set; }
        public float inTangent { get; set; }
        public float outTangent { get; set; }
        public Keyframe(float time, float value) : this(time, value, 0f, 0f) { }
        public Keyframe(float time, float value, float inTangent, float outTangent) : this()
        {
            this.time = time;
            this.value = value;
            this.inTangent = inTangent;
            this.outTangent = outTangent;
        }
    }

    public class AnimationCurve
    {
        public AnimationCurve(params Keyframe[] keys)
        {
            for (int i = 1; i < keys.Length; i++)
            {
                if (!(keys[i].time > keys[i - 1].time)) { throw new ArgumentException("keys: expected growing times, got " + keys[i].time + " after " + keys[i - 1].time); }
            }
            this.keys = keys;
        }

        public Keyframe[] keys { get; set; }
        public int length { get { return keys.Length; } }

        /// <summary>Hermite between the keys, held before and after.</summary>
        public float Evaluate(float time)
        {
            if (keys.Length == 0) { return 0f; }
            if (time <= keys[0].time) { return keys[0].value; }
            for (int i = 1; i < keys.Length; i++)
            {
                if (time > keys[i].time) { continue; }
                Keyframe a = keys[i - 1], b = keys[i];
                float d = b.time - a.time, t = (time - a.time) / d, t2 = t * t, t3 = t2 * t;
                return (2f * t3 - 3f * t2 + 1f) * a.value + (t3 - 2f * t2 + t) * d * a.outTangent + (3f * t2 - 2f * t3) * b.value + (t3 - t2) * d * b.inTangent;
            }
            return keys[keys.Length - 1].value;
        }
    }

    public class Motion : Object { }

    public sealed class AnimationClip : Motion
    {
        /// <summary>Not Unity's: the curves by path, type and property, for tests.</summary>
        public readonly Dictionary<string, AnimationCurve> Curves = new Dictionary<string, AnimationCurve>();

        public float frameRate { get; set; }
        public bool legacy { get; set; }
        public float length
        {
            get
            {
                float last = 0f;
                foreach (AnimationCurve c in Curves.Values) { if (c.length > 0) { last = Math.Max(last, c.keys[c.length - 1].time); } }
                return last;
            }
        }

        public void SetCurve(string relativePath, Type type, string propertyName, AnimationCurve curve)
        {
            if (relativePath == null || type == null || propertyName == null) { throw new ArgumentNullException(); }
            Curves[relativePath + "|" + type.Name + "|" + propertyName] = curve;
        }

        public void ClearCurves() { Curves.Clear(); }
        public void EnsureQuaternionContinuity() { }
    }
}
