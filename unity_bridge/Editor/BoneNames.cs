using System;
using System.Collections.Generic;
using UnityEngine;

namespace MocapBridge.Editor
{
    /// <summary>Finds bones by what modelling programs call them: Mixamo, VRM, Unity, Unreal, Rigify, CMU.</summary>
    public static class BoneNames
    {
        // for each bone, names without side, case, blanks, signs and prefix; the first is the best
        static readonly string[][] Middle =
        {
            new[] { "Hips", "hips", "pelvis", "hip" },
            new[] { "Spine", "spine", "spine01", "spine1", "lowerback", "abdomen" },
            new[] { "Chest", "chest", "spine1", "spine02", "spine2" },
            new[] { "UpperChest", "upperchest", "spine2", "spine03", "spine3" },
            new[] { "Neck", "neck", "neck01", "neck1" },
            new[] { "Head", "head" },
        };

        static readonly string[][] Sided =
        {
            new[] { "Shoulder", "shoulder", "clavicle", "collar" },
            new[] { "UpperArm", "upperarm", "arm", "uparm" },
            new[] { "LowerArm", "lowerarm", "forearm" },
            new[] { "Hand", "hand", "wrist" },
            new[] { "UpperLeg", "upperleg", "upleg", "thigh" },
            new[] { "LowerLeg", "lowerleg", "leg", "calf", "shin" },
            new[] { "Foot", "foot", "ankle" },
            new[] { "Toes", "toes", "toebase", "toe", "ball" },
        };

        /// <summary>The Transform for each human bone that is recognised below `root`.</summary>
        public static Dictionary<HumanBodyBones, Transform> Find(Transform root)
        {
            var byName = new Dictionary<string, Transform>();
            foreach (var t in root.GetComponentsInChildren<Transform>(true))
            {
                var name = Plain(t.name);
                if (t != root && !byName.ContainsKey(name))
                    byName.Add(name, t);
            }
            var found = new Dictionary<HumanBodyBones, Transform>();
            var taken = new HashSet<Transform>();
            foreach (var bone in Middle)
                Take(bone, bone[0], "", byName, found, taken);
            foreach (var side in new[] { "Left", "Right" })
                foreach (var bone in Sided)
                    Take(bone, side + bone[0], side, byName, found, taken);
            return found;
        }

        /// <summary>Lower case, the side as "left" or "right" in front, without prefix and signs.</summary>
        public static string Plain(string name)
        {
            name = name.Substring(name.LastIndexOf(':') + 1);
            name = name.Substring(name.LastIndexOf('|') + 1);
            var side = "";
            foreach (var sign in new[] { '.', '_', '-', ' ' })
            {
                if (name.EndsWith(sign + "L", StringComparison.OrdinalIgnoreCase))
                    side = "left";
                else if (name.EndsWith(sign + "R", StringComparison.OrdinalIgnoreCase))
                    side = "right";
                if (side.Length > 0)
                {
                    name = name.Substring(0, name.Length - 2);
                    break;
                }
            }
            var plain = "";
            foreach (var c in name)
                if (char.IsLetterOrDigit(c))
                    plain += char.ToLowerInvariant(c);
            if (plain.StartsWith("mixamorig", StringComparison.Ordinal))
                plain = plain.Substring("mixamorig".Length);
            foreach (var word in new[] { "left", "right" })
                if (side.Length == 0 && plain.EndsWith(word, StringComparison.Ordinal))
                    plain = word + plain.Substring(0, plain.Length - word.Length);
            return side + plain;
        }

        static void Take(
            string[] bone, string human, string side, Dictionary<string, Transform> byName,
            Dictionary<HumanBodyBones, Transform> found, HashSet<Transform> taken)
        {
            for (var i = 1; i < bone.Length; i++)
            {
                Transform t;
                if (!byName.TryGetValue(side.ToLowerInvariant() + bone[i], out t) || taken.Contains(t))
                    continue;
                found.Add((HumanBodyBones)Enum.Parse(typeof(HumanBodyBones), human), t);
                taken.Add(t);
                return;
            }
        }
    }
}
