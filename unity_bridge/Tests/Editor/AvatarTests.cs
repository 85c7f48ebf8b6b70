using System;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;
using Random = System.Random;

namespace MocapBridge.Tests
{
    /// <summary>Poses on characters of every kind, against G times rest, written out.</summary>
    public sealed class AvatarTests
    {
        const float Exact = 1e-4f; // [rad, m]

        readonly List<Body> _made = new List<Body>();

        [TearDown]
        public void Clear()
        {
            foreach (var body in _made)
                if (body.Root != null)
                    body.Destroy();
            _made.Clear();
        }

        Body Make(Random random, float size = 1f, bool armature = false, params string[] without)
        {
            var body = new Body(random, size, armature, without);
            _made.Add(body);
            return body;
        }

        [TestCase(1)]
        [TestCase(2)]
        [TestCase(3)]
        [TestCase(4)]
        [TestCase(5)]
        [TestCase(6)]
        [TestCase(7)]
        [TestCase(8)]
        public void HumanoidsOfAnyRestAxesFollow(int seed)
        {
            var random = new Random(seed);
            var size = 0.5f + (float)random.NextDouble();
            var body = Make(random, size, seed % 2 == 0);
            body.MakeHumanoid(random);
            if (seed % 3 > 0)
                body.Displace(random, seed % 3 == 1 ? 1f : 1.7f);
            var avatar = body.Root.AddComponent<MocapAvatar>();
            var cast = People.Cast(4);
            for (var n = 0; n < 5; n++)
            {
                var pose = People.Pose(4, random);
                Assert.That(avatar.Show(cast, 0, pose), Is.True, avatar.Problem);
                Assert.That(body.Error(cast.Skeleton, pose, Quaternion.identity), Is.LessThan(Exact));
            }
        }

        [TestCase(1f, 1f)]
        [TestCase(0.5f, 1f)]
        [TestCase(1.3f, 2f)]
        public void HipsTravelByTheLegs(float size, float scale)
        {
            var random = new Random(7);
            var body = Make(random, size, true);
            body.MakeHumanoid();
            body.Displace(random, scale);
            var avatar = body.Root.AddComponent<MocapAvatar>();
            var pose = People.Standing(0);
            pose.Root = new Vec3(0.4f, 0.93f, -1.1f);
            Assert.That(avatar.Show(People.Cast(0), 0, pose), Is.True, avatar.Problem);
            var root = body.Root.transform;
            var wanted = root.position + root.rotation * (size * scale * new Vector3(0.4f, 0.93f, -1.1f));
            Assert.That(Vector3.Distance(body.Bones[0].position, wanted), Is.LessThan(Exact));
            avatar.Scale = 1f;
            avatar.Show(People.Cast(0), 0, pose);
            var level = Quaternion.Inverse(root.rotation) * (body.Bones[0].position - root.position);
            Assert.That(level.x, Is.EqualTo(0.4f).Within(Exact));
            Assert.That(level.z, Is.EqualTo(-1.1f).Within(Exact));
            Assert.That(level.y, Is.EqualTo(size * scale * 0.93f).Within(Exact), "it stands on its soles whatever the scale of the way");
        }

        [Test]
        public void TheWayIsCarriedByHipsOrRootOrNobody()
        {
            var body = Make(new Random(3));
            body.MakeHumanoid();
            var avatar = body.Root.AddComponent<MocapAvatar>();
            body.Root.transform.position = new Vector3(5f, 0f, 0f);
            body.Root.transform.rotation = Quaternion.AngleAxis(90f, Vector3.up);
            var pose = People.Standing(0);
            pose.Root = new Vec3(0f, 0.93f, 2f);
            foreach (Travel travel in Enum.GetValues(typeof(Travel)))
            {
                avatar.Travel = travel;
                avatar.Show(People.Cast(0), 0, pose);
                var root = body.Root.transform.position;
                var hips = body.Bones[0].position;
                Assert.That(Vector3.Distance(root, new Vector3(travel == Travel.Root ? 7f : 5f, 0f, 0f)), Is.LessThan(Exact), travel.ToString());
                Assert.That(Vector3.Distance(hips, new Vector3(travel == Travel.InPlace ? 5f : 7f, 0.93f, 0f)), Is.LessThan(Exact), travel.ToString());
            }
            avatar.Release();
            Assert.That(Vector3.Distance(body.Root.transform.position, new Vector3(5f, 0f, 0f)), Is.LessThan(Exact));
        }

        [Test]
        public void WhoMovesTheRootMeanwhileMovesItOn()
        {
            var body = Make(null);
            body.MakeHumanoid();
            var avatar = body.Root.AddComponent<MocapAvatar>();
            avatar.Travel = Travel.Root;
            var pose = People.Standing(0);
            pose.Root = new Vec3(1f, 0.93f, 0f);
            for (var n = 0; n < 3; n++)
            {
                avatar.Show(People.Cast(0), 0, pose);
                body.Root.transform.position += new Vector3(0f, 0f, 0.5f);
            }
            avatar.Show(People.Cast(0), 0, pose);
            Assert.That(Vector3.Distance(body.Root.transform.position, new Vector3(1f, 0f, 1.5f)), Is.LessThan(Exact));
        }

        [Test]
        public void OptionalBonesMayBeMissing()
        {
            var random = new Random(11);
            var body = Make(random, 1f, false, "upperChest", "neck", "leftShoulder", "rightShoulder", "leftToes", "rightToes");
            body.MakeHumanoid(random);
            var avatar = body.Root.AddComponent<MocapAvatar>();
            var cast = People.Cast(0);
            var pose = People.Pose(0, random);
            Assert.That(avatar.Show(cast, 0, pose), Is.True, avatar.Problem);
            var globals = People.Globals(cast.Skeleton, pose);
            foreach (var name in new[] { "head", "leftUpperArm", "leftHand", "rightLowerArm", "leftFoot", "hips" })
            {
                var bone = HumanBones.FromProtocolName(name);
                var index = cast.Skeleton.IndexOfBone(bone);
                Assert.That(Body.Between(body.Bones[bone].rotation, globals[index] * body.Rest[bone]), Is.LessThan(Exact), name);
            }
        }

        [Test]
        public void WhatIsMissingIsSaid()
        {
            var avatar = new GameObject("Empty").AddComponent<MocapAvatar>();
            Assert.That(avatar.Show(People.Cast(0), 0, People.Standing(0)), Is.False);
            Assert.That(avatar.Problem.Contains("Animator"), Is.True, avatar.Problem);
            var body = Make(null, 1f, false, "leftFoot", "leftToes");
            body.MakeHumanoid();
            var second = body.Root.AddComponent<MocapAvatar>();
            Assert.That(second.Show(People.Cast(0), 0, People.Standing(0)), Is.False);
            Assert.That(second.Problem.Contains("LeftFoot"), Is.True, second.Problem);
            UnityEngine.Object.DestroyImmediate(avatar.gameObject);
        }

        [Test]
        public void BonesMayBeNamedOneByOneAndRestAnyhow()
        {
            // no Animator; rests with Z up, facing +Y of its root, arms hanging by 50 degrees
            var random = new Random(5);
            var body = Make(random);
            var facing = Quaternion.AngleAxis(90f, Vector3.right) * Quaternion.AngleAxis(180f, Vector3.up);
            var hips = body.Bones[HumanBones.Hips];
            hips.localPosition = facing * hips.localPosition;
            hips.localRotation = facing * hips.localRotation;
            for (var bone = 0; bone < HumanBones.Count; bone++)
                body.Rest[bone] = facing * body.Rest[bone];
            var left = body.Bones[HumanBones.LeftUpperArm];
            left.rotation = Quaternion.AngleAxis(50f, facing * Vector3.forward) * left.rotation;
            body.Displace(random);
            var avatar = body.Root.AddComponent<MocapAvatar>();
            for (var bone = 0; bone < HumanBones.Count; bone++)
                if (body.Bones[bone] != null)
                    avatar.SetBone((HumanBodyBones)bone, body.Bones[bone]);
            var cast = People.Cast(0);
            for (var n = 0; n < 3; n++)
            {
                var pose = People.Pose(0, random);
                Assert.That(avatar.Show(cast, 0, pose), Is.True, avatar.Problem);
                Assert.That(body.Error(cast.Skeleton, pose, facing), Is.LessThan(Exact));
            }
        }

        [Test]
        public void AStoredTPoseWins()
        {
            var random = new Random(9);
            var body = Make(random);
            var avatar = body.Root.AddComponent<MocapAvatar>();
            for (var bone = 0; bone < HumanBones.Count; bone++)
                if (body.Bones[bone] != null)
                    avatar.SetBone((HumanBodyBones)bone, body.Bones[bone]);
            avatar.StoreRest();
            Assert.That(avatar.HasStoredRest, Is.True);
            foreach (var bone in body.Bones)
                if (bone != null)
                    bone.localRotation = People.Turn(random);
            avatar.Rebind();
            var cast = People.Cast(0);
            var pose = People.Pose(0, random);
            Assert.That(avatar.Show(cast, 0, pose), Is.True, avatar.Problem);
            Assert.That(body.Error(cast.Skeleton, pose, Quaternion.identity), Is.LessThan(Exact));
        }

        [Test]
        public void BonesThatDoNotFollowAreLeftAlone()
        {
            var random = new Random(13);
            var body = Make(random);
            body.MakeHumanoid();
            var avatar = body.Root.AddComponent<MocapAvatar>();
            avatar.SetBone(HumanBodyBones.Hips, null, false);
            avatar.SetBone(HumanBodyBones.LeftUpperLeg, null, false);
            var hips = body.Bones[HumanBones.Hips];
            Vector3 at = hips.localPosition;
            Quaternion turn = hips.localRotation, thigh = body.Bones[HumanBones.LeftUpperLeg].localRotation;
            avatar.Show(People.Cast(0), 0, People.Pose(0, random));
            Assert.That(hips.localPosition, Is.EqualTo(at));
            Assert.That(hips.localRotation, Is.EqualTo(turn));
            Assert.That(body.Bones[HumanBones.LeftUpperLeg].localRotation, Is.EqualTo(thigh));
            Assert.That(Body.Between(body.Bones[HumanBones.RightUpperLeg].rotation, body.Rest[HumanBones.RightUpperLeg]), Is.GreaterThan(0.01f));
        }

        [Test]
        public void ReleaseBringsBackWhatWas()
        {
            var random = new Random(15);
            var body = Make(random);
            body.MakeHumanoid(random);
            var before = new List<Quaternion>();
            foreach (var bone in body.Bones)
                before.Add(bone == null ? Quaternion.identity : bone.localRotation);
            var at = body.Bones[0].localPosition;
            var avatar = body.Root.AddComponent<MocapAvatar>();
            for (var n = 0; n < 3; n++)
                avatar.Show(People.Cast(0), 0, People.Pose(0, random));
            avatar.Release();
            for (var bone = 0; bone < HumanBones.Count; bone++)
                if (body.Bones[bone] != null)
                    Assert.That(Body.Between(body.Bones[bone].localRotation, before[bone]), Is.LessThan(1e-6f));
            Assert.That(Vector3.Distance(body.Bones[0].localPosition, at), Is.LessThan(1e-6f));
        }

        [Test]
        public void AClipHasAKeyForEachPoseAtItsTime()
        {
            var random = new Random(17);
            var body = Make(random, 1f, true);
            body.MakeHumanoid(random);
            body.Displace(random);
            var avatar = body.Root.AddComponent<MocapAvatar>();
            var cast = People.Cast(2);
            var motion = new PersonMotion();
            var times = new[] { 10.0, 10.031, 10.07, 10.1 };
            foreach (var time in times)
                motion.Add(time, cast, People.Pose(2, random, 20));
            motion.Add(10.1, cast, People.Pose(2, random)); // not later: left out
            var clip = ClipBaker.Bake(avatar, motion);
            Assert.That(clip, Is.Not.Null, avatar.Problem);
            Assert.That(clip.length, Is.EqualTo(0.1f).Within(1e-4f));
            Assert.That(clip.frameRate, Is.EqualTo(32f).Within(1.5f));
        }
    }
}
