using System.IO;
using System.Text;
using UnityEditor;
using UnityEngine;

namespace MocapBridge.Editor
{
    /// <summary>Clips as assets of the project.</summary>
    public static class ClipFiles
    {
        /// <summary>Saves a clip under a path that is free, and shows it in the Project window.</summary>
        /// <param name="avatar">Whose clip it is.</param>
        /// <param name="kind">As it was baked.</param>
        /// <returns>The path that was free.</returns>
        public static string Save(AnimationClip clip, string path, MocapAvatar avatar, ClipKind kind)
        {
            if (ClipBaker.Chosen(avatar, kind) == ClipKind.Muscles)
                Settle(clip, avatar.Travel);
            path = AssetDatabase.GenerateUniqueAssetPath(path);
            AssetDatabase.CreateAsset(clip, path);
            AssetDatabase.SaveAssets();
            Selection.activeObject = clip;
            return path;
        }

        /// <summary>Has the body keep the way that it was baked with ("Bake Into Pose", "Original"). By
        /// itself Unity takes it for root motion, which Animators without it throw away.</summary>
        static void Settle(AnimationClip clip, Travel travel)
        {
            var settings = AnimationUtility.GetAnimationClipSettings(clip);
            settings.keepOriginalOrientation = settings.keepOriginalPositionY = settings.keepOriginalPositionXZ = true;
            settings.loopBlendOrientation = settings.loopBlendPositionY = true;
            settings.loopBlendPositionXZ = travel != Travel.Root;
            AnimationUtility.SetAnimationClipSettings(clip, settings);
        }

        /// <summary>A name without signs that files may not have.</summary>
        public static string Legal(string name)
        {
            var legal = new StringBuilder();
            foreach (var c in name)
                legal.Append(c < ' ' || "\\/:*?\"<>|".IndexOf(c) >= 0 ? '_' : c);
            return legal.Length == 0 ? "Take" : legal.ToString();
        }

        /// <summary>The folder of what is selected in the Project window, or else Assets.</summary>
        public static string Folder()
        {
            var path = AssetDatabase.GetAssetPath(Selection.activeObject);
            if (string.IsNullOrEmpty(path) || !path.StartsWith("Assets"))
                return "Assets";
            return AssetDatabase.IsValidFolder(path) ? path : (Path.GetDirectoryName(path) ?? "Assets").Replace('\\', '/');
        }
    }
}
