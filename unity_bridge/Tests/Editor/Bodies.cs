using System;
using System.Collections.Generic;
using UnityEngine;
using Object = UnityEngine.Object;
using Random = System.Random;

namespace MocapBridge.Tests
{
    /// <summary>The skeleton of every capture, and people who take any pose.</summary>
    public static class People
    {
        static readonly string[] Lines =
        {
            "hips  0 .93 0", "spine hips 0 .1 0", "chest spine 0 .12 0", "upperChest chest 0 .12 0",
            "neck upperChest 0 .17 0", "head neck 0 .1 0",
            "leftShoulder upperChest -.03 .135 0", "leftUpperArm leftShoulder -.145 0 0",
            "leftLowerArm leftUpperArm -.28 0 0", "leftHand leftLowerArm -.25 0 0",
            "rightShoulder upperChest .03 .135 0", "rightUpperArm rightShoulder .145 0 0",
            "rightLowerArm rightUpperArm .28 0 0", "rightHand rightLowerArm .25 0 0",
            "leftUpperLeg hips -.09 0 0", "leftLowerLeg leftUpperLeg 0 -.43 0",
            "leftFoot leftLowerLeg 0 -.43 0", "leftToes leftFoot 0 -.05 .13",
            "rightUpperLeg hips .09 0 0", "rightLowerLeg rightUpperLeg 0 -.43 0",
            "rightFoot rightLowerLeg 0 -.43 0", "rightToes rightFoot 0 -.05 .13",
        };

        /// <summary>The soles are at 0: the toes end there.</summary>
        public static Skeleton Humanoid()
        {
            var names = new string[Lines.Length];
            var parents = new int[Lines.Length];
            var offsets = new Vec3[Lines.Length];
            var tips = new Vec3?[Lines.Length];
            for (var i = 0; i < Lines.Length; i++)
            {
                var words = Lines[i].Split(' ');
                names[i] = words[0];
                parents[i] = Array.IndexOf(names, words[1], 0, i);
                offsets[i] = new Vec3(Number(words[2]), Number(words[3]), Number(words[4]));
                if (words[0].EndsWith("Toes", StringComparison.Ordinal))
                    tips[i] = new Vec3(0, -0.02f, 0.07f);
            }
            return new Skeleton(names, parents, offsets, tips);
        }

        public static Cast Cast(params int[] ids)
        {
            var skeleton = Humanoid();
            var offsets = new Vec3[skeleton.Count];
            for (var i = 0; i < offsets.Length; i++)
                offsets[i] = skeleton.Offset(i);
            var all = new Vec3[ids.Length][];
            for (var i = 0; i < ids.Length; i++)
                all[i] = offsets;
            return new Cast(skeleton, ids, all, 30, "test");
        }

        /// <summary>Every joint turned by up to `degrees`, standing where chance wills.</summary>
        public static PersonPose Pose(int id, Random random, double degrees = 60)
        {
            var pose = new PersonPose { Id = id, State = TrackState.Tracked, Confidence = 1 };
            pose.SetBoneCount(Lines.Length);
            for (var i = 0; i < Lines.Length; i++)
                pose.Rotations[i] = Turn(random, degrees).ToCore();
            pose.Root = new Vec3((float)random.NextDouble() * 2 - 1, 0.6f + 0.5f * (float)random.NextDouble(), (float)random.NextDouble() * 4 - 2);
            return pose;
        }

        /// <summary>In the T-pose, at the origin.</summary>
        public static PersonPose Standing(int id)
        {
            var pose = Pose(id, new Random(0), 0);
            pose.Root = new Vec3(0, 0.93f, 0);
            return pose;
        }

        public static Quaternion Turn(Random random, double degrees = 180)
        {
            var axis = new Vector3((float)random.NextDouble() - 0.5f, (float)random.NextDouble() - 0.5f, (float)random.NextDouble() - 0.5f);
            return Quaternion.AngleAxis((float)(degrees * (2 * random.NextDouble() - 1)), axis.normalized);
        }

        /// <summary>Turns of the bones in the room, by the product along the tree.</summary>
        public static Quaternion[] Globals(Skeleton skeleton, PersonPose pose)
        {
            var globals = new Quaternion[skeleton.Count];
            for (var i = 0; i < globals.Length; i++)
            {
                var local = pose.Rotations[i].ToUnity();
                globals[i] = i == 0 ? local : globals[skeleton.Parent(i)] * local;
            }
            return globals;
        }

        static float Number(string word) => float.Parse(word, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A character whose bones have axes of their own, somewhere in the room.</summary>
    public sealed class Body
    {
        public readonly GameObject Root;
        public readonly Transform[] Bones = new Transform[HumanBones.Count];
        public readonly Quaternion[] Rest = new Quaternion[HumanBones.Count]; // in the root, in the T-pose
        readonly List<Transform> _all = new List<Transform>();
        readonly List<SkeletonBone> _described = new List<SkeletonBone>();

        /// <param name="random">How the bones' axes lie in the T-pose; null: as the capture's.</param>
        /// <param name="size">The body's size by that of the capture.</param>
        /// <param name="armature">A turned and scaled object between the root and the hips.</param>
        public Body(Random random, float size = 1f, bool armature = false, params string[] without)
        {
            var skeleton = People.Humanoid();
            Root = new GameObject("Character");
            var above = Root.transform;
            if (armature)
            {
                above = Child("Armature", above);
                above.localRotation = Quaternion.AngleAxis(-90f, Vector3.right);
                above.localScale = 0.01f * Vector3.one;
                above.localPosition = new Vector3(0.02f, 0.1f, -0.03f);
            }
            var places = new Vector3[skeleton.Count];
            var transforms = new Transform[skeleton.Count];
            for (var i = 0; i < skeleton.Count; i++)
            {
                var parent = skeleton.Parent(i);
                places[i] = size * skeleton.Offset(i).ToUnity() + (parent < 0 ? Vector3.zero : places[parent]);
                if (Array.IndexOf(without, skeleton.Name(i)) >= 0)
                {
                    transforms[i] = transforms[parent];
                    continue;
                }
                var bone = skeleton.Bone(i);
                Rest[bone] = random == null ? Quaternion.identity : People.Turn(random);
                transforms[i] = Bones[bone] = Child("bone_" + skeleton.Name(i), parent < 0 ? above : transforms[parent]);
                transforms[i].rotation = Root.transform.rotation * Rest[bone];
                transforms[i].position = Root.transform.TransformPoint(places[i]);
            }
            foreach (var t in _all)
                _described.Add(new SkeletonBone { name = t.name, position = t.localPosition, rotation = t.localRotation, scale = t.localScale });
        }

        /// <summary>An Animator with an Avatar that describes the T-pose; the scene then shows another.</summary>
        public Animator MakeHumanoid(Random disorder = null)
        {
            var human = new List<HumanBone>();
            for (var bone = 0; bone < HumanBones.Count; bone++)
                if (Bones[bone] != null)
                    human.Add(new HumanBone { boneName = Bones[bone].name, humanName = HumanTrait.BoneName[bone], limit = new HumanLimit { useDefaultValues = true } });
            _described.Insert(0, new SkeletonBone { name = Root.name, position = Vector3.zero, rotation = Quaternion.identity, scale = Vector3.one });
            var animator = Root.AddComponent<Animator>();
            animator.avatar = AvatarBuilder.BuildHumanAvatar(
                Root, new HumanDescription { human = human.ToArray(), skeleton = _described.ToArray(), upperArmTwist = 0.5f, lowerArmTwist = 0.5f, upperLegTwist = 0.5f, lowerLegTwist = 0.5f, armStretch = 0.05f, legStretch = 0.05f });
            if (disorder != null)
                foreach (var t in _all)
                    if (t.name.StartsWith("bone_", StringComparison.Ordinal))
                        t.localRotation = People.Turn(disorder);
            return animator;
        }

        /// <summary>Puts the character into turned and scaled parents, away from the origin.</summary>
        public void Displace(Random random, float scale = 1f)
        {
            var outer = new GameObject("Outer").transform;
            outer.position = new Vector3(3f, -1f, 5f);
            outer.rotation = People.Turn(random);
            outer.localScale = scale * Vector3.one;
            Root.transform.SetParent(outer, false);
            Root.transform.localPosition = new Vector3(-0.5f, 0.25f, 1f);
            Root.transform.localRotation = People.Turn(random);
        }

        /// <summary>The farthest turn [rad] of a bone from G times its rest, and of a bone's direction.</summary>
        public float Error(Skeleton skeleton, PersonPose pose, Quaternion facing)
        {
            var globals = People.Globals(skeleton, pose);
            var world = Root.transform.rotation * facing;
            var worst = 0f;
            for (var i = 0; i < skeleton.Count; i++)
            {
                var bone = Bones[skeleton.Bone(i)];
                if (bone == null)
                    continue;
                var wanted = world * globals[i] * Quaternion.Inverse(facing) * Rest[skeleton.Bone(i)];
                worst = Mathf.Max(worst, Between(bone.rotation, wanted));
                var parent = skeleton.Parent(i) < 0 ? null : Bones[skeleton.Bone(skeleton.Parent(i))];
                if (parent == null)
                    continue;
                var along = world * (globals[skeleton.Parent(i)] * skeleton.Offset(i).ToUnity());
                worst = Mathf.Max(worst, ((bone.position - parent.position).normalized - along.normalized).magnitude);
            }
            return worst;
        }

        /// <summary>[rad] Exact for small angles too.</summary>
        public static float Between(Quaternion a, Quaternion b)
        {
            var d = Quaternion.Inverse(a) * b;
            return 2f * (float)Math.Atan2(Math.Sqrt((double)d.x * d.x + (double)d.y * d.y + (double)d.z * d.z), Math.Abs(d.w));
        }

        public void Destroy() => Object.DestroyImmediate(Root.transform.root.gameObject);

        Transform Child(string name, Transform parent)
        {
            var t = new GameObject(name).transform;
            t.SetParent(parent, false);
            _all.Add(t);
            return t;
        }
    }
}
