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
        /// <returns>The path that was free.</returns>
        public static string Save(AnimationClip clip, string path)
        {
            path = AssetDatabase.GenerateUniqueAssetPath(path);
            AssetDatabase.CreateAsset(clip, path);
            AssetDatabase.SaveAssets();
            Selection.activeObject = clip;
            return path;
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
