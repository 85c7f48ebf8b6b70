using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using MocapBridge.Editor;
using NUnit.Framework;
using UnityEditor;
using UnityEditor.AssetImporters;
using UnityEngine;
using Object = UnityEngine.Object;
using Random = System.Random;

namespace MocapBridge.Tests
{
    /// <summary>Inspectors are drawn, buttons pressed, files imported.</summary>
    public sealed class EditorTests
    {
        string _folder;

        [SetUp]
        public void Begin()
        {
            Stage.Clear();
            EditorGUILayout.Shown.Clear();
            GUILayout.Shown.Clear();
            GUILayout.Pressed.Clear();
            EditorUtility.Said.Clear();
            AssetDatabase.Assets.Clear();
            AssetImporter.Importers.Clear();
            Selection.activeObject = null;
            _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            Directory.CreateDirectory(_folder);
        }

        [TearDown]
        public void End()
        {
            Stage.Clear();
            Directory.Delete(_folder, true);
            Assert.That(GUILayout.Pressed, Is.Empty, "a button that was to be pressed was not there");
        }

        static string Draw(Object target, Type editor, params string[] press)
        {
            EditorGUILayout.Shown.Clear();
            GUILayout.Shown.Clear();
            foreach (var button in press)
                GUILayout.Pressed.Add(button);
            var made = UnityEditor.Editor.CreateEditor(target, editor);
            foreach (var field in editor.GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
                if (field.FieldType == typeof(bool))
                    field.SetValue(made, true); // all is unfolded
            try
            {
                made.OnInspectorGUI();
            }
            catch (ExitGUIException)
            {
                // what is left would be drawn for something that has changed
            }
            return string.Join("\n", EditorGUILayout.Shown) + "\n" + string.Join("\n", GUILayout.Shown);
        }

        static bool Says(string text, string what) => text.Contains(what);

        [Test]
        public void TheReceiverSaysWhatIsThere()
        {
            var receiver = new GameObject().AddComponent<MocapReceiver>();
            Assert.That(Says(Draw(receiver, typeof(MocapReceiverEditor)), "Press Play"), Is.True);
            Stage.Play();
            receiver = new GameObject().AddComponent<MocapReceiver>();
            receiver.Smooth = false;
            var source = new ScriptedSource();
            receiver.Connect(source);
            Assert.That(Says(Draw(receiver, typeof(MocapReceiverEditor)), "connecting"), Is.True);
            source.State = SourceState.Refused;
            source.Problem = "The token is wrong.";
            Stage.Step();
            Assert.That(Says(Draw(receiver, typeof(MocapReceiverEditor)), "Error: The token is wrong."), Is.True);
            source.Send(1, People.Standing(4));
            Stage.Step();
            var shown = Draw(receiver, typeof(MocapReceiverEditor));
            Assert.That(Says(shown, "connected to test") && Says(shown, "Person 4: tracked, 100 % sure"), Is.True, shown);
            Draw(receiver, typeof(MocapReceiverEditor), "Disconnect");
            Assert.That(source.IsDisposed, Is.True);
            Assert.That(receiver.State, Is.EqualTo(SourceState.Closed));
            receiver.Address = "ws://127.0.0.1:9"; // nobody is there
            Draw(receiver, typeof(MocapReceiverEditor), "Connect");
            Assert.That(receiver.Client, Is.Not.Null);
            receiver.Client.TryTakeAnswer(out _);
            receiver.Disconnect();
            Assert.That(Says(Draw(receiver, typeof(MocapReceiverEditor)), "not connected"), Is.True);
        }

        [Test]
        public void TheTableOfBonesChangesThem()
        {
            var body = new Body(new Random(1));
            var avatar = body.Root.AddComponent<MocapAvatar>();
            avatar.Show(People.Cast(0), 0, People.Standing(0));
            var shown = Draw(avatar, typeof(MocapAvatarEditor));
            Assert.That(Says(shown, "Warning: There is no Animator"), Is.True, shown);
            foreach (Transform t in body.Root.GetComponentsInChildren<Transform>())
                t.name = t.name.Replace("bone_", "mixamorig:");
            foreach (var pair in new Dictionary<string, string> { { "upperChest", "Spine2" }, { "chest", "Spine1" }, { "leftUpperLeg", "LeftUpLeg" }, { "leftLowerLeg", "LeftLeg" }, { "leftUpperArm", "LeftArm" }, { "leftLowerArm", "LeftForeArm" } })
                foreach (Transform t in body.Root.GetComponentsInChildren<Transform>())
                    if (t.name == "mixamorig:" + pair.Key)
                        t.name = "mixamorig:" + pair.Value;
            Draw(avatar, typeof(MocapAvatarEditor), "Find by Name", "Use This Pose as T-Pose");
            foreach (var bone in new[] { HumanBodyBones.Chest, HumanBodyBones.UpperChest, HumanBodyBones.LeftLowerLeg, HumanBodyBones.RightHand })
                Assert.That(avatar.BoneTransform(bone), Is.EqualTo(body.Bones[(int)bone]), bone.ToString());
            Assert.That(avatar.HasStoredRest, Is.True);
            Assert.That(avatar.Show(People.Cast(0), 0, People.Standing(0)), Is.True, avatar.Problem);
            Draw(avatar, typeof(MocapAvatarEditor), "Forget T-Pose", "Forget All");
            Assert.That(avatar.HasStoredRest, Is.False);
            Assert.That(avatar.BoneTransform(HumanBodyBones.Hips), Is.Null);
            Assert.That(Undo.Names.Contains("Store T-Pose"), Is.True);
        }

        [Test]
        public void OneClickMakesACharacterLive()
        {
            MocapMenu.LiveAvatar(new MenuCommand(null)); // nothing is selected
            Assert.That(EditorUtility.Said.Count, Is.EqualTo(1));
            var body = new Body(null);
            body.MakeHumanoid();
            var owner = new GameObject("Owner");
            body.Root.transform.SetParent(owner.transform, false);
            for (var n = 0; n < 2; n++) // twice does no harm
                MocapMenu.LiveAvatar(new MenuCommand(owner));
            AssetDatabase.Assets["Assets/model.fbx"] = new GameObject("Model");
            MocapMenu.LiveAvatar(new MenuCommand(AssetDatabase.Assets["Assets/model.fbx"]));
            Assert.That(EditorUtility.Said[1].Contains("Model is a file"), Is.True);
            Assert.That(Object.FindObjectsOfType<MocapReceiver>().Length, Is.EqualTo(1));
            Assert.That(Object.FindObjectsOfType<MocapGizmos>().Length, Is.EqualTo(1));
            Assert.That(Object.FindObjectsOfType<MocapRecorder>().Length, Is.EqualTo(1));
            Assert.That(Object.FindObjectsOfType<MocapAvatar>()[0].gameObject, Is.EqualTo(body.Root));
            Assert.That(Selection.activeGameObject, Is.EqualTo(body.Root));
        }

        [Test]
        public void RecordAndSave()
        {
            Stage.Play();
            var receiver = new GameObject().AddComponent<MocapReceiver>();
            receiver.Smooth = false;
            var source = new ScriptedSource();
            receiver.Connect(source);
            var body = new Body(null);
            body.MakeHumanoid();
            body.Root.AddComponent<MocapAvatar>();
            var recorder = body.Root.AddComponent<MocapRecorder>();
            recorder.ClipName = "a/b";
            source.Send(1, People.Standing(0));
            Stage.Step();
            Draw(recorder, typeof(MocapRecorderEditor), "Record");
            Assert.That(recorder.IsRecording, Is.True);
            source.Send(2, People.Standing(0));
            Stage.Step();
            Draw(recorder, typeof(MocapRecorderEditor), "Stop and Save");
            Assert.That(AssetDatabase.Assets.ContainsKey("Assets/a_b.anim"), Is.True);
            Assert.That(Says(Draw(recorder, typeof(MocapRecorderEditor)), "Save Clip"), Is.False, "it is saved already");
            var clip = (AnimationClip)AssetDatabase.Assets["Assets/a_b.anim"];
            Assert.That(clip.Curves.ContainsKey("|Animator|RootT.x"), Is.True, "what an Animator with a Humanoid plays");
            var settings = AnimationUtility.GetAnimationClipSettings(clip);
            Assert.That(settings.loopBlendPositionXZ && settings.keepOriginalPositionXZ, Is.True, "the body keeps its way");
        }

        [Test]
        public void TheSceneStopsInTheMiddleOfARecording()
        {
            Stage.Play();
            var receiver = new GameObject().AddComponent<MocapReceiver>();
            receiver.Smooth = false;
            var source = new ScriptedSource();
            receiver.Connect(source);
            var body = new Body(null);
            body.MakeHumanoid();
            body.Root.AddComponent<MocapAvatar>();
            var recorder = body.Root.AddComponent<MocapRecorder>();
            source.Send(1, People.Standing(0));
            Stage.Step();
            recorder.Begin();
            body.Root.GetComponent<MocapAvatar>().Travel = Travel.Root;
            source.Send(2, People.Standing(0));
            Stage.Step();
            foreach (var method in typeof(MocapRecorderEditor).GetMethods(BindingFlags.Static | BindingFlags.NonPublic))
                if (Attribute.IsDefined(method, typeof(InitializeOnLoadMethodAttribute)))
                    method.Invoke(null, null);
            EditorApplication.ExitPlayMode();
            Assert.That(AssetDatabase.Assets.ContainsKey("Assets/Take.anim"), Is.True);
            var settings = AnimationUtility.GetAnimationClipSettings((AnimationClip)AssetDatabase.Assets["Assets/Take.anim"]);
            Assert.That(!settings.loopBlendPositionXZ && settings.keepOriginalPositionXZ, Is.True, "the way is root motion");
            EditorApplication.ExitPlayMode();
            Assert.That(AssetDatabase.Assets.Count, Is.EqualTo(1), "once");
        }

        [Test]
        public void MusclesOfWhoHasNoneAreRefused()
        {
            var avatar = new Body(new Random(1)).Root.AddComponent<MocapAvatar>();
            Assert.That(MocapAvatarEditor.Bake(avatar, "Assets/walk.bvh", ClipKind.Muscles), Is.Empty);
            Assert.That(EditorUtility.Said[0].Contains("Only a Humanoid has muscles"), Is.True);
        }

        AssetImportContext Import(string name, string content)
        {
            var path = Path.Combine(_folder, name);
            File.WriteAllText(path, content);
            var context = new AssetImportContext { assetPath = path };
            new TakeImporter().OnImportAsset(context);
            return context;
        }

        [Test]
        public void ABvhFileBecomesASkeletonAndAClip()
        {
            var context = Import(
                "walk.bvh",
                "HIERARCHY\nROOT hips\n{\nOFFSET 0 90 0\nCHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\nJOINT spine\n{\nOFFSET 0 10 0\nCHANNELS 3 Zrotation Xrotation Yrotation\nEnd Site\n{\nOFFSET 0 1 0\n}\n}\n}\n"
                + "MOTION\nFrames: 3\nFrame Time: 0.1\n0 90 0 0 0 0 0 0 0\n10 90 0 0 0 0 90 0 0\n20 90 0 0 0 0 0 0 0\n");
            Assert.That(context.Said, Is.Empty);
            var made = (GameObject)context.mainObject;
            Assert.That(made.name, Is.EqualTo("walk"));
            var spine = made.transform.Find("hips/spine");
            Assert.That(Vector3.Distance(spine.position, new Vector3(0f, 1f, 0f)), Is.LessThan(1e-5f), "it rests");
            var clip = (AnimationClip)context.Made["clip0"];
            Assert.That(clip.length, Is.EqualTo(0.2f).Within(1e-5f));
            Assert.That(clip.Curves["hips|Transform|localPosition.x"].Evaluate(0.1f), Is.EqualTo(-0.1f).Within(1e-5f));
            Assert.That(clip.Curves["hips/spine|Transform|localRotation.z"].Evaluate(0.1f), Is.EqualTo(-(float)Math.Sqrt(0.5)).Within(1e-5f));
            Assert.That(clip.Curves.ContainsKey("hips/spine|Transform|localPosition.x"), Is.False);
        }

        [Test]
        public void DamagedFilesAreSaid()
        {
            foreach (var name in new[] { "a.bvh", "b.mocapjson" })
            {
                var context = Import(name, "nonsense");
                Assert.That(context.Said.Count, Is.EqualTo(1));
                Assert.That(context.Said[0].StartsWith("error: ", StringComparison.Ordinal), Is.True);
                Assert.That(context.mainObject, Is.Null);
            }
        }

        [Test]
        public void TheTakeOfTheProgramFitsACharacter()
        {
            var take = Environment.GetEnvironmentVariable("MOCAP_TAKE");
            if (take == null)
                Assert.Ignore("MOCAP_TAKE names no take");
            var context = Import("dance.mocapjson", File.ReadAllText(take));
            Assert.That(context.Said, Is.Empty);
            var clip = (AnimationClip)context.Made["clip0"];
            Assert.That(clip.length, Is.GreaterThan(0.1f));
            var people = RecordedMotion.Read(take, 100);
            var body = new Body(new Random(3));
            body.MakeHumanoid(new Random(4));
            var avatar = body.Root.AddComponent<MocapAvatar>();
            AssetDatabase.Assets["Assets/dance.mocapjson"] = (GameObject)context.mainObject;
            var before = Directory.GetCurrentDirectory();
            Directory.SetCurrentDirectory(_folder);
            try
            {
                Directory.CreateDirectory("Assets");
                File.Copy(take, "Assets/dance.mocapjson");
                var saved = MocapAvatarEditor.Bake(avatar, "Assets/dance.mocapjson", ClipKind.Transforms);
                Assert.That(saved.Length, Is.EqualTo(people.Count), string.Join("", EditorUtility.Said));
                var baked = (AnimationClip)AssetDatabase.Assets[saved[0]];
                var motion = people[0].ToPersonMotion();
                for (var i = 0; i < motion.Count; i += 1 + motion.Count / 10)
                {
                    RecorderTests.Play(baked, body, (float)(motion.Time(i) - motion.Time(0)));
                    Assert.That(body.Error(People.Humanoid(), motion.Pose(i), Quaternion.identity), Is.LessThan(0.2f), "the person's own proportions differ");
                    var hips = body.Bones[0].rotation * Quaternion.Inverse(body.Rest[0]);
                    Assert.That(Body.Between(hips, motion.Pose(i).Rotations[0].ToUnity()), Is.LessThan(2e-3f));
                }
            }
            finally
            {
                Directory.SetCurrentDirectory(before);
            }
        }

        [Test]
        public void TheMenuCopiesATakeIntoTheProject()
        {
            var before = Directory.GetCurrentDirectory();
            Directory.SetCurrentDirectory(_folder);
            try
            {
                Directory.CreateDirectory("Assets");
                File.WriteAllText("walk.json", "{}");
                EditorUtility.Answer = Path.Combine(_folder, "walk.json");
                MocapMenu.ImportTake();
                Assert.That(File.Exists("Assets/walk.mocapjson"), Is.True);
                EditorUtility.Answer = Path.Combine(_folder, "gone.bvh");
                MocapMenu.ImportTake();
                Assert.That(EditorUtility.Said.Count, Is.EqualTo(1), "what went wrong is said");
                EditorUtility.Answer = ""; // the panel was closed
                MocapMenu.ImportTake();
            }
            finally
            {
                EditorUtility.Answer = "";
                Directory.SetCurrentDirectory(before);
            }
        }

        [Test]
        public void ABvhFileOfTheProgramSaysTheSameAsItsTake()
        {
            string take = Environment.GetEnvironmentVariable("MOCAP_TAKE"), bvh = Environment.GetEnvironmentVariable("MOCAP_BVH");
            if (take == null || bvh == null)
                Assert.Ignore("MOCAP_TAKE and MOCAP_BVH name no files");
            RecordedMotion a = RecordedMotion.Read(take, 100)[0], b = RecordedMotion.Read(bvh, 100)[0];
            Assert.That(b.Frames, Is.EqualTo(a.Frames));
            for (var frame = 0; frame < a.Frames; frame++)
            {
                Assert.That(b.Times[frame] - b.Times[0], Is.EqualTo(a.Times[frame] - a.Times[0]).Within(1e-6));
                Assert.That(Vector3.Distance(a.Roots[frame], b.Roots[frame]), Is.LessThan(1e-5f));
                for (var bone = 0; bone < a.Bones; bone++)
                {
                    var same = Array.IndexOf(b.Names, a.Names[bone]);
                    Assert.That(Body.Between(a.Rotation(frame, bone), b.Rotation(frame, same)), Is.LessThan(1e-5f), a.Names[bone]);
                    Assert.That(Vector3.Distance(a.Offsets[bone], b.Offsets[same]), Is.LessThan(1e-5f));
                }
            }
        }

        [Test]
        public void EverySerializedFieldHasATooltipOrATable()
        {
            foreach (var type in new[] { typeof(MocapReceiver), typeof(MocapAvatar), typeof(MocapRecorder), typeof(MocapGizmos), typeof(TakeImporter), typeof(BoneSlot) })
            {
                foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
                {
                    if (!field.IsPublic && !Attribute.IsDefined(field, typeof(SerializeField)))
                        continue;
                    var shownOtherwise = field.Name == "bones" || field.Name == "storedRest" || field.Name.StartsWith("on", StringComparison.Ordinal);
                    Assert.That(shownOtherwise || Attribute.IsDefined(field, typeof(TooltipAttribute)), Is.True, type.Name + "." + field.Name);
                }
            }
        }
    }
}
