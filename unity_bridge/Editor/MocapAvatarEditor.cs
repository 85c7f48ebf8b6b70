using System;
using System.IO;
using UnityEditor;
using UnityEngine;
using Object = UnityEngine.Object;

namespace MocapBridge.Editor
{
    /// <summary>What is wrong with a character, whom it follows, and a table of its bones.</summary>
    [CustomEditor(typeof(MocapAvatar))]
    [CanEditMultipleObjects]
    public sealed class MocapAvatarEditor : UnityEditor.Editor
    {
        static readonly string[] Fields = { "receiver", "person", "animator", "weight", "travel", "scale", "whenLost", "fade" };

        bool _showBones, _showFingers, _showBaking;
        Object _take;
        ClipKind _kind;

        public override bool RequiresConstantRepaint() => Application.isPlaying;

        public override void OnInspectorGUI()
        {
            var avatar = (MocapAvatar)target;
            if (avatar.Problem.Length > 0)
                EditorGUILayout.HelpBox(avatar.Problem, MessageType.Warning);
            else if (Application.isPlaying)
                EditorGUILayout.LabelField("Follows", avatar.Followed < 0 ? "nobody: no person is free" : "person " + avatar.Followed);
            serializedObject.Update();
            foreach (var name in Fields)
                EditorGUILayout.PropertyField(serializedObject.FindProperty(name));
            serializedObject.ApplyModifiedProperties();
            if (serializedObject.isEditingMultipleObjects)
                return;
            _showBones = EditorGUILayout.Foldout(_showBones, "Bones", true);
            if (_showBones)
                Bones(avatar);
            _showBaking = EditorGUILayout.Foldout(_showBaking, "Clip from a file", true);
            if (_showBaking)
                Baking(avatar);
        }

        void Bones(MocapAvatar avatar)
        {
            EditorGUILayout.HelpBox(
                "A tick: the capture moves the bone. Fields that are empty use the bone of the Animator's Avatar; drag a Transform into one to use that.",
                MessageType.None);
            for (var bone = 0; bone < HumanBones.Count; bone++)
                if (_showFingers || !IsSmall(bone))
                    Row(avatar, (HumanBodyBones)bone);
            _showFingers = EditorGUILayout.ToggleLeft("Show fingers, eyes and jaw", _showFingers);
            using (new EditorGUILayout.HorizontalScope())
            {
                if (GUILayout.Button("Find by Name"))
                    FindByName(avatar);
                if (GUILayout.Button("Forget All"))
                    Change(avatar, "Forget Bones", () => ForgetBones(avatar));
            }
            using (new EditorGUILayout.HorizontalScope())
            {
                if (GUILayout.Button("Use This Pose as T-Pose"))
                    Change(avatar, "Store T-Pose", avatar.StoreRest);
                using (new EditorGUI.DisabledScope(!avatar.HasStoredRest))
                    if (GUILayout.Button("Forget T-Pose"))
                        Change(avatar, "Forget T-Pose", avatar.ForgetRest);
            }
        }

        void Row(MocapAvatar avatar, HumanBodyBones bone)
        {
            var slot = avatar.Slot(bone);
            var named = slot != null ? slot.transform : null;
            var follow = slot == null || slot.follow;
            var used = avatar.BoneTransform(bone);
            using (new EditorGUILayout.HorizontalScope())
            {
                var ticked = EditorGUILayout.ToggleLeft(bone.ToString(), follow, GUILayout.Width(160f));
                var given = (Transform)EditorGUILayout.ObjectField(
                    new GUIContent("", used != null ? "Now: " + used.name : "Now: none"), named, typeof(Transform), true);
                if (named == null && used != null)
                    GUILayout.Label(used.name);
                if (given != named || ticked != follow)
                    Change(avatar, "Change Bone", () => avatar.SetBone(bone, given, ticked));
            }
        }

        static bool IsSmall(int bone) => bone >= (int)HumanBodyBones.LeftEye && bone != (int)HumanBodyBones.UpperChest;

        static void FindByName(MocapAvatar avatar)
        {
            var found = BoneNames.Find(avatar.Root);
            if (found.Count == 0)
            {
                EditorUtility.DisplayDialog("Mocap Bridge", "No bone below " + avatar.Root.name + " has a name that is known. Drag them in one by one.", "OK");
                GUIUtility.ExitGUI(); // the dialog has drawn this window meanwhile
            }
            Change(avatar, "Find Bones", () =>
            {
                foreach (var pair in found)
                    avatar.SetBone(pair.Key, pair.Value);
            });
        }

        static void ForgetBones(MocapAvatar avatar)
        {
            for (var bone = 0; bone < HumanBones.Count; bone++)
                avatar.SetBone((HumanBodyBones)bone, null);
        }

        static void Change(MocapAvatar avatar, string what, Action change)
        {
            Undo.RecordObject(avatar, what);
            change();
            EditorUtility.SetDirty(avatar);
            PrefabUtility.RecordPrefabInstancePropertyModifications(avatar);
        }

        void Baking(MocapAvatar avatar)
        {
            EditorGUILayout.HelpBox(
                "Brings a take or BVH file of this project onto this character and saves a clip. BVH files need the bones of mocap: mocap convert FILE out.bvh --skeleton humanoid.",
                MessageType.None);
            _take = EditorGUILayout.ObjectField("Take", _take, typeof(Object), false);
            _kind = (ClipKind)EditorGUILayout.EnumPopup("Kind", _kind);
            using (new EditorGUI.DisabledScope(_take == null))
            {
                if (GUILayout.Button("Make Clips"))
                {
                    Bake(avatar, AssetDatabase.GetAssetPath(_take), _kind);
                    GUIUtility.ExitGUI(); // something else is selected now
                }
            }
        }

        /// <summary>A clip beside the file for each person in it; the names of what was saved.</summary>
        public static string[] Bake(MocapAvatar avatar, string path, ClipKind kind)
        {
            try
            {
                var problem = ClipBaker.Problem(avatar, kind);
                if (problem.Length > 0)
                    throw new FormatException(problem);
                var importer = AssetImporter.GetAtPath(path) as TakeImporter;
                var people = RecordedMotion.Read(path, importer != null ? importer.PerMetre() : 100.0);
                var saved = new string[people.Count];
                for (var i = 0; i < saved.Length; i++)
                {
                    var clip = ClipBaker.Bake(avatar, people[i].ToPersonMotion(), kind);
                    if (clip == null)
                        throw new FormatException(avatar.Problem.Length > 0 ? avatar.Problem : "There is nothing in it that this character could do.");
                    var name = Path.GetFileNameWithoutExtension(path) + (saved.Length > 1 ? " person " + people[i].Id : "") + " on " + avatar.name;
                    saved[i] = ClipFiles.Save(clip, (Path.GetDirectoryName(path) ?? "").Replace('\\', '/') + "/" + ClipFiles.Legal(name) + ".anim", avatar, kind);
                }
                return saved;
            }
            catch (Exception error) when (error is FormatException || error is IOException)
            {
                EditorUtility.DisplayDialog("Mocap Bridge", path + ": " + error.Message, "OK");
                return new string[0];
            }
        }
    }
}
