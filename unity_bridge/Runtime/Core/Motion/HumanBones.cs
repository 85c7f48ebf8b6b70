using System.Collections.Generic;

namespace MocapBridge
{
    /// <summary>
    /// The bones of a Humanoid, by the numbers of UnityEngine.HumanBodyBones, with their names in
    /// Unity and in the protocol (VRM 1.0). They differ in case and in the thumbs: what the
    /// protocol calls Metacarpal, Proximal, Distal is Proximal, Intermediate, Distal in Unity.
    /// </summary>
    public static class HumanBones
    {
        /// <summary>HumanBodyBones.LastBone.</summary>
        public const int Count = 55;

        public const int Hips = 0;
        public const int LeftUpperLeg = 1, RightUpperLeg = 2;
        public const int LeftLowerLeg = 3, RightLowerLeg = 4;
        public const int LeftFoot = 5, RightFoot = 6;
        public const int Spine = 7, Chest = 8, Neck = 9, Head = 10;
        public const int LeftShoulder = 11, RightShoulder = 12;
        public const int LeftUpperArm = 13, RightUpperArm = 14;
        public const int LeftLowerArm = 15, RightLowerArm = 16;
        public const int LeftHand = 17, RightHand = 18;
        public const int LeftToes = 19, RightToes = 20;
        public const int LeftEye = 21, RightEye = 22, Jaw = 23;
        public const int LeftThumb = 24, RightThumb = 39; // the first of fifteen on each side
        public const int UpperChest = 54;

        static readonly string[] Unity =
        {
            "Hips", "LeftUpperLeg", "RightUpperLeg", "LeftLowerLeg", "RightLowerLeg",
            "LeftFoot", "RightFoot", "Spine", "Chest", "Neck", "Head",
            "LeftShoulder", "RightShoulder", "LeftUpperArm", "RightUpperArm",
            "LeftLowerArm", "RightLowerArm", "LeftHand", "RightHand", "LeftToes", "RightToes",
            "LeftEye", "RightEye", "Jaw",
            "LeftThumbProximal", "LeftThumbIntermediate", "LeftThumbDistal",
            "LeftIndexProximal", "LeftIndexIntermediate", "LeftIndexDistal",
            "LeftMiddleProximal", "LeftMiddleIntermediate", "LeftMiddleDistal",
            "LeftRingProximal", "LeftRingIntermediate", "LeftRingDistal",
            "LeftLittleProximal", "LeftLittleIntermediate", "LeftLittleDistal",
            "RightThumbProximal", "RightThumbIntermediate", "RightThumbDistal",
            "RightIndexProximal", "RightIndexIntermediate", "RightIndexDistal",
            "RightMiddleProximal", "RightMiddleIntermediate", "RightMiddleDistal",
            "RightRingProximal", "RightRingIntermediate", "RightRingDistal",
            "RightLittleProximal", "RightLittleIntermediate", "RightLittleDistal",
            "UpperChest",
        };

        static readonly int[] BodyParents =
        {
            -1, Hips, Hips, LeftUpperLeg, RightUpperLeg, LeftLowerLeg, RightLowerLeg,
            Hips, Spine, UpperChest, Neck, UpperChest, UpperChest, LeftShoulder, RightShoulder,
            LeftUpperArm, RightUpperArm, LeftLowerArm, RightLowerArm, LeftFoot, RightFoot,
            Head, Head, Head,
        };

        static readonly int[] Required =
        {
            Hips, LeftUpperLeg, RightUpperLeg, LeftLowerLeg, RightLowerLeg, LeftFoot, RightFoot,
            Spine, Head, LeftUpperArm, RightUpperArm, LeftLowerArm, RightLowerArm,
            LeftHand, RightHand,
        };

        static readonly string[] Protocol = new string[Count];
        static readonly bool[] IsOfEvery = new bool[Count];
        static readonly int[] Downwards = new int[Count];
        static readonly Dictionary<string, int> ByUnity = new Dictionary<string, int>();
        static readonly Dictionary<string, int> ByProtocol = new Dictionary<string, int>();

        static HumanBones()
        {
            for (var bone = 0; bone < Count; bone++)
            {
                var name = char.ToLowerInvariant(Unity[bone][0]) + Unity[bone].Substring(1);
                if (name.Contains("Thumb"))
                    name = name.Replace("Proximal", "Metacarpal").Replace("Intermediate", "Proximal");
                Protocol[bone] = name;
                ByUnity.Add(Unity[bone], bone);
                ByProtocol.Add(name, bone);
            }
            foreach (var bone in Required)
                IsOfEvery[bone] = true;
            var at = 0;
            for (var depth = 0; at < Count; depth++)
                for (var bone = 0; bone < Count; bone++)
                    if (Depth(bone) == depth)
                        Downwards[at++] = bone;
        }

        /// <summary>As HumanBodyBones spells it, "LeftThumbProximal".</summary>
        public static string UnityName(int bone) => Unity[bone];

        /// <summary>As the protocol spells it, "leftThumbMetacarpal".</summary>
        public static string ProtocolName(int bone) => Protocol[bone];

        /// <summary>The bone above, if every bone is there; -1 for the hips.</summary>
        public static int Parent(int bone)
        {
            if (bone < LeftThumb)
                return BodyParents[bone];
            if (bone == UpperChest)
                return Chest;
            var first = (bone - LeftThumb) % 3 == 0;
            return !first ? bone - 1 : bone < RightThumb ? LeftHand : RightHand;
        }

        /// <summary>The <paramref name="n"/>th bone in an order of parents before children.</summary>
        public static int Ordered(int n) => Downwards[n];

        /// <summary>Whether Unity makes no avatar without it.</summary>
        public static bool IsRequired(int bone) => IsOfEvery[bone];

        /// <summary>The bone that Unity calls so, or -1.</summary>
        public static int FromUnityName(string name) =>
            ByUnity.TryGetValue(name, out var bone) ? bone : -1;

        /// <summary>The bone that the protocol calls so, or -1.</summary>
        public static int FromProtocolName(string name) =>
            ByProtocol.TryGetValue(name, out var bone) ? bone : -1;

        static int Depth(int bone)
        {
            var depth = 0;
            for (var above = Parent(bone); above >= 0; above = Parent(above))
                depth++;
            return depth;
        }
    }
}
