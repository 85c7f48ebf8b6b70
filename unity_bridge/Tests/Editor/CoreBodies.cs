using System;
using System.Collections.Generic;

namespace MocapBridge.Tests
{
    /// <summary>People, poses and avatars to try things with.</summary>
    static class CoreBodies
    {
        /// <summary>Bones of the stream of `mocap live`, with the places of an adult in Unity's axes.</summary>
        static readonly Dictionary<string, Vec3> Usual = new Dictionary<string, Vec3>
        {
            { "hips", new Vec3(0, 0.93f, 0) }, { "spine", new Vec3(0, 0.1f, 0) },
            { "chest", new Vec3(0, 0.12f, 0) }, { "upperChest", new Vec3(0, 0.12f, 0) },
            { "neck", new Vec3(0, 0.17f, 0) }, { "head", new Vec3(0, 0.1f, 0) },
            { "leftShoulder", new Vec3(-0.03f, 0.135f, 0) }, { "leftUpperArm", new Vec3(-0.145f, 0, 0) },
            { "leftLowerArm", new Vec3(-0.28f, 0, 0) }, { "leftHand", new Vec3(-0.25f, 0, 0) },
            { "rightShoulder", new Vec3(0.03f, 0.135f, 0) }, { "rightUpperArm", new Vec3(0.145f, 0, 0) },
            { "rightLowerArm", new Vec3(0.28f, 0, 0) }, { "rightHand", new Vec3(0.25f, 0, 0) },
            { "leftUpperLeg", new Vec3(-0.09f, 0, 0) }, { "leftLowerLeg", new Vec3(0, -0.43f, 0) },
            { "leftFoot", new Vec3(0, -0.43f, 0) }, { "leftToes", new Vec3(0, -0.05f, 0.13f) },
            { "rightUpperLeg", new Vec3(0.09f, 0, 0) }, { "rightLowerLeg", new Vec3(0, -0.43f, 0) },
            { "rightFoot", new Vec3(0, -0.43f, 0) }, { "rightToes", new Vec3(0, -0.05f, 0.13f) },
        };

        /// <summary>So many people of the same body.</summary>
        public static Cast People(int count, float size = 1, params string[] lacking)
        {
            var names = new List<string>();
            var parents = new List<int>();
            var offsets = new List<Vec3>();
            foreach (var bone in Usual)
            {
                if (Array.IndexOf(lacking, bone.Key) >= 0)
                    continue;
                var above = HumanBones.Parent(HumanBones.FromProtocolName(bone.Key));
                while (above >= 0 && !names.Contains(HumanBones.ProtocolName(above)))
                    above = HumanBones.Parent(above);
                parents.Add(above < 0 ? -1 : names.IndexOf(HumanBones.ProtocolName(above)));
                names.Add(bone.Key);
                offsets.Add(size * bone.Value);
            }
            var ids = new int[count];
            var bodies = new Vec3[count][];
            for (var person = 0; person < count; person++)
            {
                ids[person] = person;
                bodies[person] = offsets.ToArray();
            }
            var tips = new Vec3?[names.Count];
            for (var index = 0; index < tips.Length; index++)
                if (names[index].EndsWith("Toes"))
                    tips[index] = size * new Vec3(0, -0.02f, 0.07f); // on the ground
            var skeleton = new Skeleton(names.ToArray(), parents.ToArray(), offsets.ToArray(), tips);
            return new Cast(skeleton, ids, bodies, 60, "test");
        }

        public static Vec3 Direction(Random random)
        {
            var q = Rotation(random);
            return q * new Vec3(0, 0, 1);
        }

        public static Quat Rotation(Random random)
        {
            Func<float> next = () => (float)(2 * random.NextDouble() - 1);
            while (true)
            {
                var q = new Quat(next(), next(), next(), next());
                if (q.SquaredNorm > 0.01f && q.SquaredNorm <= 1)
                    return q.Normalized();
            }
        }

        /// <summary>Any pose of a person of this cast.</summary>
        public static void Pose(Random random, Cast cast, PersonPose pose)
        {
            pose.SetBoneCount(cast.Skeleton.Count);
            for (var index = 0; index < pose.BoneCount; index++)
                pose.Rotations[index] = Rotation(random);
            pose.Root = 2 * Direction(random);
            pose.State = TrackState.Tracked;
            pose.Confidence = 1;
        }

        /// <summary>A frame in which everybody stands with the hips at x, facing somewhere.</summary>
        public static MotionFrame Frame(Cast cast, uint seq, double time, double arrival, params int[] ids)
        {
            var frame = new MotionFrame { Cast = cast, Seq = seq, Time = time, Arrival = arrival, Session = 1 };
            Fill(frame, ids);
            return frame;
        }

        public static void Fill(MotionFrame frame, params int[] ids)
        {
            frame.SetCount(ids.Length);
            for (var i = 0; i < ids.Length; i++)
            {
                frame[i].Id = ids[i];
                frame[i].State = TrackState.Tracked;
                frame[i].SetBoneCount(frame.Cast.Skeleton.Count);
                for (var index = 0; index < frame[i].BoneCount; index++)
                    frame[i].Rotations[index] = Quat.Identity;
                frame[i].Root = new Vec3((float)frame.Time, 1, ids[i]);
                var half = frame.Time / 2; // it turns by a radian a second
                frame[i].Rotations[0] = new Quat(0, (float)Math.Sin(half), 0, (float)Math.Cos(half));
            }
        }
    }
}
