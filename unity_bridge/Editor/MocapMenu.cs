using System.IO;
using UnityEditor;
using UnityEngine;

namespace MocapBridge.Editor
{
    /// <summary>Everything that a scene needs, in one click.</summary>
    public static class MocapMenu
    {
        const string Place = "GameObject/Mocap Bridge/";

        /// <summary>Makes the selected characters live, and a receiver if there is none.</summary>
        [MenuItem(Place + "Live Avatar", false, 10)]
        public static void LiveAvatar(MenuCommand command)
        {
            var chosen = command.context as GameObject ?? Selection.activeGameObject;
            if (chosen != null && EditorUtility.IsPersistent(chosen))
            {
                EditorUtility.DisplayDialog(
                    "Mocap Bridge", chosen.name + " is a file of the project: drag it into the scene, and select it there.", "OK");
                return;
            }
            var receiver = FindOrMakeReceiver();
            if (chosen == null)
            {
                Selection.activeGameObject = receiver.gameObject;
                EditorUtility.DisplayDialog(
                    "Mocap Bridge",
                    "There is a receiver now, and in the Scene view everyone who is seen appears as lines. To move a character, select it and choose this menu again.",
                    "OK");
                return;
            }
            var animator = chosen.GetComponentInChildren<Animator>();
            var owner = animator != null ? animator.gameObject : chosen;
            if (owner.GetComponent<MocapAvatar>() == null)
                Undo.AddComponent<MocapAvatar>(owner);
            if (owner.GetComponent<MocapRecorder>() == null)
                Undo.AddComponent<MocapRecorder>(owner);
            Selection.activeGameObject = owner;
        }

        /// <summary>A receiver that draws everyone who is seen as lines.</summary>
        [MenuItem(Place + "Receiver", false, 11)]
        public static void Receiver()
        {
            Selection.activeGameObject = FindOrMakeReceiver().gameObject;
        }

        /// <summary>Copies a take or BVH file into the project, where it becomes a clip.</summary>
        [MenuItem("Assets/Mocap Bridge/Import Take...", false, 30)]
        public static void ImportTake()
        {
            var file = EditorUtility.OpenFilePanelWithFilters("Import a take", "", new[] { "Takes and BVH", "json,mocapjson,bvh" });
            if (string.IsNullOrEmpty(file))
                return;
            var kind = Path.GetExtension(file).ToLowerInvariant() == ".bvh" ? ".bvh" : ".mocapjson";
            var name = ClipFiles.Legal(Path.GetFileNameWithoutExtension(file)) + kind;
            var path = AssetDatabase.GenerateUniqueAssetPath(ClipFiles.Folder() + "/" + name);
            try
            {
                File.Copy(file, path);
            }
            catch (IOException error)
            {
                EditorUtility.DisplayDialog("Mocap Bridge", error.Message, "OK");
                return;
            }
            AssetDatabase.ImportAsset(path);
        }

        static MocapReceiver FindOrMakeReceiver()
        {
            foreach (var there in Resources.FindObjectsOfTypeAll<MocapReceiver>())
                if (!EditorUtility.IsPersistent(there)) // not one in a prefab of the project
                    return there;
            var made = new GameObject("Mocap Receiver");
            made.AddComponent<MocapReceiver>();
            made.AddComponent<MocapGizmos>();
            Undo.RegisterCreatedObjectUndo(made, "Mocap Receiver");
            return made.GetComponent<MocapReceiver>();
        }
    }
}
