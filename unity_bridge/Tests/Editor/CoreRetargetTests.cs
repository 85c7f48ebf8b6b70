using System;
using NUnit.Framework;

namespace MocapBridge.Tests
{
    /// <summary>
    /// Poses on avatars whose bones have axes of their own, at random: the limbs point where they
    /// point in the stream, and the feet stand where they stand there.
    /// </summary>
    public class CoreRetargetTests
    {
        static readonly int[] Limbs =
        {
            HumanBones.LeftUpperArm, HumanBones.LeftLowerArm, HumanBones.LeftLowerArm, HumanBones.LeftHand,
            HumanBones.RightUpperArm, HumanBones.RightLowerArm, HumanBones.RightLowerArm, HumanBones.RightHand,
            HumanBones.LeftUpperLeg, HumanBones.LeftLowerLeg, HumanBones.LeftLowerLeg, HumanBones.LeftFoot,
            HumanBones.RightUpperLeg, HumanBones.RightLowerLeg, HumanBones.RightLowerLeg, HumanBones.RightFoot,
            HumanBones.Neck, HumanBones.Head, HumanBones.LeftFoot, HumanBones.LeftToes,
        };

        [TestCase(1.0f)]
        [TestCase(0.4f)]
        [TestCase(2.5f)]
        public void BonesOfAnyAxesPointWhereTheyPointInTheStream(float size)
        {
            var random = new Random(10);
            var cast = CoreBodies.People(1);
            var pose = new PersonPose();
            var figure = new FigurePose();
            var avatar = new AvatarPose();
            for (var round = 0; round < 100; round++)
            {
                var body = CoreBodies.People(1, size);
                var rest = RestOf(body, random, Quat.Identity);
                var retarget = new Retarget(cast, 0, rest);
                CoreBodies.Pose(random, cast, pose);
                figure.Solve(pose, cast, 0);
                retarget.Solve(pose, avatar);
                var at = Positions(rest, avatar);
                for (var i = 0; i < Limbs.Length; i += 2)
                {
                    int bone = Limbs[i], end = Limbs[i + 1];
                    var wanted = At(figure, cast, end) - At(figure, cast, bone);
                    CoreGolden.AreNear(
                        size * wanted, at[end] - at[bone], 1e-4 * Math.Max(size, 1), HumanBones.UnityName(bone));
                }
                Assert.That(retarget.Scale, Is.EqualTo(size).Within(1e-4));
                foreach (var bone in new[] { HumanBones.LeftFoot, HumanBones.RightToes, HumanBones.Head })
                    CoreGolden.AreNear(
                        size * At(figure, cast, bone), at[bone], 2e-4 * Math.Max(size, 1), HumanBones.UnityName(bone));
            }
        }

        [Test]
        public void InTheTPoseAnAvatarIsInItsTPose()
        {
            var random = new Random(11);
            var cast = CoreBodies.People(1, 1.3f);
            var rest = RestOf(CoreBodies.People(1), random, Quat.Identity);
            var avatar = new AvatarPose();
            var retarget = new Retarget(cast, 0, rest);
            retarget.Solve(Resting(cast), avatar);
            for (var i = 0; i < retarget.DrivenCount; i++)
                CoreGolden.AreNear(
                    rest.Rotation(retarget.Driven(i)), avatar.Rotations[retarget.Driven(i)], 1e-3,
                    HumanBones.UnityName(retarget.Driven(i)));
            CoreGolden.AreNear(rest.Position(HumanBones.Hips), avatar.Hips, 1e-4, "hips");
        }

        [Test]
        public void ArmsThatHangALittleInTheTPoseAreStretchedOut()
        {
            var cast = CoreBodies.People(1);
            var rest = new AvatarRest();
            var straight = RestOf(cast, new Random(12), Quat.Identity);
            var hang = Quat.Arc(new Vec3(-1, 0, 0), new Vec3(-1, -0.3f, 0));
            var shoulder = straight.Position(HumanBones.LeftUpperArm);
            for (var bone = 0; bone < HumanBones.Count; bone++)
            {
                if (!straight.Has(bone))
                    continue;
                var isArm = bone == HumanBones.LeftUpperArm || bone == HumanBones.LeftLowerArm || bone == HumanBones.LeftHand;
                rest.Set(
                    bone,
                    isArm ? shoulder + hang * (straight.Position(bone) - shoulder) : straight.Position(bone),
                    isArm ? hang * straight.Rotation(bone) : straight.Rotation(bone));
            }
            var avatar = new AvatarPose();
            new Retarget(cast, 0, rest).Solve(Resting(cast), avatar);
            CoreGolden.AreNear(
                straight.Rotation(HumanBones.LeftHand), avatar.Rotations[HumanBones.LeftHand], 1e-3, "hand");
        }

        [Test]
        public void AnAvatarThatFacesElsewhereInItsRootFacesForward()
        {
            var cast = CoreBodies.People(1);
            var turn = new Quat(0, (float)Math.Sin(0.5), 0, (float)Math.Cos(0.5));
            var rest = RestOf(cast, new Random(13), turn);
            var straight = RestOf(cast, new Random(13), Quat.Identity);
            var avatar = new AvatarPose();
            new Retarget(cast, 0, rest).Solve(Resting(cast), avatar);
            foreach (var bone in new[] { HumanBones.Hips, HumanBones.Head, HumanBones.LeftHand, HumanBones.RightToes })
                CoreGolden.AreNear(straight.Rotation(bone), avatar.Rotations[bone], 1e-3, HumanBones.UnityName(bone));
        }

        [TestCase("upperChest")]
        [TestCase("chest", "upperChest")]
        [TestCase("neck")]
        [TestCase("leftShoulder", "rightShoulder", "leftToes")]
        public void AvatarsWithoutOptionalBonesBendAsMuchInAll(params string[] lacking)
        {
            var random = new Random(14);
            var cast = CoreBodies.People(1);
            var rest = RestOf(CoreBodies.People(1, 1, lacking), random, Quat.Identity);
            var retarget = new Retarget(cast, 0, rest);
            var avatar = new AvatarPose();
            var figure = new FigurePose();
            var pose = new PersonPose();
            CoreBodies.Pose(random, cast, pose);
            figure.Solve(pose, cast, 0);
            retarget.Solve(pose, avatar);
            foreach (var name in lacking)
                Assert.That(retarget.Drives(HumanBones.FromProtocolName(name)), Is.False);
            foreach (var bone in new[] { HumanBones.Head, HumanBones.LeftHand, HumanBones.RightFoot })
                CoreGolden.AreNear(
                    figure.Globals[cast.Skeleton.IndexOfBone(bone)] * rest.Rotation(bone),
                    avatar.Rotations[bone], 1e-3, HumanBones.UnityName(bone));
            var top = rest.Has(HumanBones.Chest) ? HumanBones.Chest : HumanBones.Spine;
            if (!rest.Has(HumanBones.UpperChest))
                CoreGolden.AreNear(
                    figure.Globals[cast.Skeleton.IndexOfBone(HumanBones.UpperChest)] * rest.Rotation(top),
                    avatar.Rotations[top], 1e-3, "the torso's last bone");
        }

        [Test]
        public void AStreamWithoutLegsMovesTheRestAndStays()
        {
            var cast = CoreBodies.People(
                1, 1, "leftUpperLeg", "leftLowerLeg", "leftFoot", "leftToes",
                "rightUpperLeg", "rightLowerLeg", "rightFoot", "rightToes");
            var rest = RestOf(CoreBodies.People(1), new Random(15), Quat.Identity);
            var retarget = new Retarget(cast, 0, rest);
            var avatar = new AvatarPose();
            retarget.Solve(Resting(cast), avatar);
            Assert.That(retarget.Drives(HumanBones.LeftUpperLeg), Is.False);
            CoreGolden.AreNear(rest.Position(HumanBones.Hips), avatar.Hips, 1e-4, "hips");
        }

        [Test]
        public void WhatLacksIsSaid()
        {
            var rest = new AvatarRest();
            rest.Set(HumanBones.Hips, Vec3.Zero, Quat.Identity);
            StringAssert.Contains("LeftUpperLeg", rest.Problem());
            Assert.Throws<ArgumentException>(() => new Retarget(CoreBodies.People(1), 0, rest));
        }

        static PersonPose Resting(Cast cast)
        {
            var pose = new PersonPose { Root = cast.Offset(0, 0) };
            pose.SetBoneCount(cast.Skeleton.Count);
            for (var index = 0; index < pose.BoneCount; index++)
                pose.Rotations[index] = Quat.Identity;
            return pose;
        }

        /// <summary>A body as an avatar: each bone with axes of its own.</summary>
        static AvatarRest RestOf(Cast body, Random random, Quat turn)
        {
            var rest = new AvatarRest();
            var figure = new FigurePose();
            figure.Solve(Resting(body), body, 0);
            for (var index = 0; index < body.Skeleton.Count; index++)
                rest.Set(
                    body.Skeleton.Bone(index), turn * figure.Positions[index],
                    turn * CoreBodies.Rotation(random));
            return rest;
        }

        /// <summary>Where the bones of an avatar come to be, as its hierarchy carries them.</summary>
        static Vec3[] Positions(AvatarRest rest, AvatarPose pose)
        {
            var at = new Vec3[HumanBones.Count];
            for (var n = 0; n < HumanBones.Count; n++)
            {
                var bone = HumanBones.Ordered(n);
                if (!rest.Has(bone))
                    continue;
                var above = rest.Above(bone);
                if (above < 0)
                {
                    at[bone] = pose.Hips;
                    continue;
                }
                var local = rest.Rotation(above).Inverse() * (rest.Position(bone) - rest.Position(above));
                at[bone] = at[above] + pose.Rotations[above] * local;
            }
            return at;
        }

        static Vec3 At(FigurePose figure, Cast cast, int bone) =>
            figure.Positions[cast.Skeleton.IndexOfBone(bone)];
    }
}
