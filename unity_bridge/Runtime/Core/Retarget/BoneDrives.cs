using System.Collections.Generic;

namespace MocapBridge
{
    /// <summary>A bone of the avatar turns like source bone a, or between a and b by the weight.</summary>
    internal struct Drive
    {
        public int Bone; // of the avatar, by HumanBodyBones
        public int A, B; // indices in the stream's skeleton
        public float Weight;
    }

    /// <summary>
    /// Which bones of a stream drive which of an avatar. Bones of the same name; but a spine or neck
    /// of other bones bends as much in all: its bones stand at even shares of the bend.
    /// </summary>
    internal static class BoneDrives
    {
        static readonly int[] Torso = { HumanBones.Spine, HumanBones.Chest, HumanBones.UpperChest };
        static readonly int[] Neck = { HumanBones.Neck, HumanBones.Head };

        /// <summary>Parents before children.</summary>
        public static Drive[] Of(Skeleton source, AvatarRest rest)
        {
            var drives = new Drive?[HumanBones.Count];
            for (var bone = 0; bone < HumanBones.Count; bone++)
            {
                var index = source.IndexOfBone(bone);
                if (index >= 0 && rest.Has(bone))
                    drives[bone] = new Drive { Bone = bone, A = index, B = index };
            }
            var below = Line(drives, Torso, source, rest, source.IndexOfBone(HumanBones.Hips));
            Line(drives, Neck, source, rest, below);
            var ordered = new List<Drive>();
            for (var n = 0; n < HumanBones.Count; n++)
                if (drives[HumanBones.Ordered(n)] != null)
                    ordered.Add(drives[HumanBones.Ordered(n)].Value);
            return ordered.ToArray();
        }

        /// <summary>Drives the bones of a chain; returns the last one of the source.</summary>
        /// <param name="below">Index in the source of what the chain stands on.</param>
        static int Line(Drive?[] drives, int[] chain, Skeleton source, AvatarRest rest, int below)
        {
            var stations = new List<int> { below };
            var bones = new List<int>();
            foreach (var bone in chain)
            {
                if (source.IndexOfBone(bone) >= 0)
                    stations.Add(source.IndexOfBone(bone));
                if (rest.Has(bone))
                    bones.Add(bone);
            }
            var bends = stations.Count - 1;
            for (var n = 0; n < bones.Count; n++)
            {
                drives[bones[n]] = null;
                if (bends == 0 || below < 0)
                    continue;
                var place = (n + 1) * (double)bends / bones.Count;
                var a = (int)(place + 1e-9);
                drives[bones[n]] = new Drive
                {
                    Bone = bones[n],
                    A = stations[a],
                    B = stations[a < bends ? a + 1 : a],
                    Weight = (float)System.Math.Max(place - a, 0),
                };
            }
            return stations[bends];
        }
    }
}
