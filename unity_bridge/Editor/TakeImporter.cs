using System;
using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEditor.AssetImporters;
using UnityEngine;

namespace MocapBridge.Editor
{
    /// <summary>In which unit the lengths of a BVH file are.</summary>
    public enum BvhUnit
    {
        Centimetres,
        Metres,
        Inches,
    }

    /// <summary>
    /// Files of motion as assets: a skeleton of plain objects for each person, and a clip that
    /// moves it. Takes are .mocapjson here, since .json belongs to Unity.
    /// </summary>
    [ScriptedImporter(1, new[] { "bvh", "mocapjson" })]
    public sealed class TakeImporter : ScriptedImporter
    {
        [Tooltip("The unit of a BVH file; takes are in metres.")]
        [SerializeField] BvhUnit bvhUnit = BvhUnit.Centimetres;

        [Tooltip("Whether clips begin anew at their end.")]
        [SerializeField] bool loop = false;

        public override void OnImportAsset(AssetImportContext ctx)
        {
            List<RecordedMotion> people;
            try
            {
                people = RecordedMotion.Read(ctx.assetPath, PerMetre(bvhUnit));
            }
            catch (FormatException error)
            {
                ctx.LogImportError(ctx.assetPath + ": " + error.Message);
                return;
            }
            catch (IOException error)
            {
                ctx.LogImportError(ctx.assetPath + ": " + error.Message);
                return;
            }
            var all = new GameObject(Path.GetFileNameWithoutExtension(ctx.assetPath));
            all.AddComponent<MocapSkeleton>();
            ctx.AddObjectToAsset("main", all);
            ctx.SetMainObject(all);
            for (var i = 0; i < people.Count; i++)
            {
                // with one person the clip is for the object itself, so that it can be dragged on
                var owner = all.transform;
                if (people.Count > 1)
                {
                    owner = new GameObject("Person " + people[i].Id).transform;
                    owner.SetParent(all.transform, false);
                }
                var joints = Build(people[i], owner);
                var clip = Clip(people[i], joints, owner);
                clip.name = people.Count > 1 ? all.name + " person " + people[i].Id : all.name;
                var settings = AnimationUtility.GetAnimationClipSettings(clip);
                settings.loopTime = loop;
                AnimationUtility.SetAnimationClipSettings(clip, settings);
                ctx.AddObjectToAsset("clip" + i, clip);
            }
        }

        /// <summary>How many of the unit that is set make a metre.</summary>
        public double PerMetre() => PerMetre(bvhUnit);

        /// <summary>How many of a unit make a metre.</summary>
        public static double PerMetre(BvhUnit unit) => unit == BvhUnit.Metres ? 1.0 : unit == BvhUnit.Inches ? 1.0 / 0.0254 : 100.0;

        /// <summary>The bones as objects in their rest pose.</summary>
        static Transform[] Build(RecordedMotion motion, Transform owner)
        {
            var joints = new Transform[motion.Bones];
            for (var bone = 0; bone < motion.Bones; bone++)
            {
                joints[bone] = new GameObject(motion.Names[bone]).transform;
                joints[bone].SetParent(bone == 0 ? owner : joints[motion.Parents[bone]], false);
                joints[bone].localPosition = motion.Offsets[bone];
            }
            return joints;
        }

        /// <summary>Plays the motion on the objects, and keeps it.</summary>
        static AnimationClip Clip(RecordedMotion motion, Transform[] joints, Transform owner)
        {
            var curves = new TransformCurves(owner, joints, motion.Positions == null ? new[] { joints[0] } : joints);
            for (var frame = 0; frame < motion.Frames; frame++)
            {
                Show(motion, frame, joints);
                curves.Add((float)(motion.Times[frame] - motion.Times[0]));
            }
            for (var bone = 0; bone < motion.Bones; bone++)
            {
                joints[bone].localPosition = motion.Offsets[bone];
                joints[bone].localRotation = Quaternion.identity;
            }
            var clip = new AnimationClip { frameRate = (float)Math.Max(1.0, Math.Round(motion.Rate())) };
            curves.WriteTo(clip);
            clip.EnsureQuaternionContinuity();
            return clip;
        }

        static void Show(RecordedMotion motion, int frame, Transform[] joints)
        {
            for (var bone = 0; bone < motion.Bones; bone++)
            {
                joints[bone].localPosition = motion.Position(frame, bone);
                joints[bone].localRotation = motion.Rotation(frame, bone);
            }
        }
    }
}
