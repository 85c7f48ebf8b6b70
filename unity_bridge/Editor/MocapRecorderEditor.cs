using UnityEditor;
using UnityEngine;

namespace MocapBridge.Editor
{
    /// <summary>Record, stop, and save what was recorded as an asset.</summary>
    [CustomEditor(typeof(MocapRecorder))]
    public sealed class MocapRecorderEditor : UnityEditor.Editor
    {
        static readonly string[] Fields = { "clipName", "kind", "longest", "alsoOnServer" };

        public override bool RequiresConstantRepaint() => Application.isPlaying;

        public override void OnInspectorGUI()
        {
            var recorder = (MocapRecorder)target;
            serializedObject.Update();
            foreach (var name in Fields)
                EditorGUILayout.PropertyField(serializedObject.FindProperty(name));
            serializedObject.ApplyModifiedProperties();
            EditorGUILayout.Space();
            if (!Application.isPlaying)
            {
                EditorGUILayout.HelpBox("Press Play to record.", MessageType.Info);
                return;
            }
            if (recorder.IsRecording)
            {
                EditorGUILayout.LabelField("Recording", recorder.Seconds.ToString("0.0") + " s, " + recorder.Frames + " poses");
                using (new EditorGUILayout.HorizontalScope())
                {
                    if (GUILayout.Button("Stop and Save"))
                    {
                        Save(recorder, recorder.End());
                        GUIUtility.ExitGUI(); // something else is selected now
                    }
                    if (GUILayout.Button("Throw Away"))
                        recorder.Discard();
                }
            }
            else if (GUILayout.Button("Record"))
            {
                recorder.Begin();
            }
            if (recorder.Problem.Length > 0)
                EditorGUILayout.HelpBox(recorder.Problem, MessageType.Warning);
            if (!recorder.IsRecording && recorder.Clip != null && !AssetDatabase.Contains(recorder.Clip) && GUILayout.Button("Save Clip"))
            {
                Save(recorder, recorder.Clip);
                GUIUtility.ExitGUI();
            }
        }

        /// <summary>Who stops the scene in the middle of a recording has it saved all the same.</summary>
        [InitializeOnLoadMethod]
        static void SaveAtTheEnd()
        {
            EditorApplication.playModeStateChanged += change =>
            {
                if (change != PlayModeStateChange.ExitingPlayMode)
                    return;
                foreach (var recorder in Resources.FindObjectsOfTypeAll<MocapRecorder>())
                    if (recorder.IsRecording)
                        Save(recorder, recorder.End());
            };
        }

        static void Save(MocapRecorder recorder, AnimationClip clip)
        {
            if (clip != null)
                ClipFiles.Save(clip, "Assets/" + ClipFiles.Legal(clip.name) + ".anim", recorder.GetComponent<MocapAvatar>(), recorder.Kind);
        }
    }
}
