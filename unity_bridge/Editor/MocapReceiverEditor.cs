using UnityEditor;
using UnityEngine;

namespace MocapBridge.Editor
{
    /// <summary>What the connection is and who is there, above the fields.</summary>
    [CustomEditor(typeof(MocapReceiver))]
    public sealed class MocapReceiverEditor : UnityEditor.Editor
    {
        static readonly string[] Stream = { "address", "token", "encoding" };
        static readonly string[] Both = { "connectOnEnable", "smooth", "runInBackground" };
        static readonly string[] Events = { "onConnected", "onDisconnected", "onPersonAppeared", "onPersonLeft" };

        bool _showEvents;
        string _take = "";

        public override bool RequiresConstantRepaint() => Application.isPlaying;

        public override void OnInspectorGUI()
        {
            var receiver = (MocapReceiver)target;
            State(receiver);
            serializedObject.Update();
            EditorGUILayout.Space();
            Field("protocol");
            if (receiver.Protocol == MocapProtocol.Vmc)
                Field("vmcPort");
            else
                foreach (var name in Stream)
                    Field(name);
            foreach (var name in Both)
                Field(name);
            _showEvents = EditorGUILayout.Foldout(_showEvents, "Events", true);
            if (_showEvents)
                foreach (var name in Events)
                    Field(name);
            serializedObject.ApplyModifiedProperties();
        }

        void Field(string name) => EditorGUILayout.PropertyField(serializedObject.FindProperty(name));

        void State(MocapReceiver receiver)
        {
            if (!Application.isPlaying)
            {
                EditorGUILayout.HelpBox("Press Play to connect. In a terminal, mocap live sends motion.", MessageType.Info);
                return;
            }
            EditorGUILayout.LabelField("State", Words(receiver));
            if (receiver.Problem.Length > 0)
                EditorGUILayout.HelpBox(receiver.Problem, receiver.State == SourceState.Refused ? MessageType.Error : MessageType.Warning);
            var open = receiver.State != SourceState.Closed && receiver.State != SourceState.Refused;
            if (GUILayout.Button(open ? "Disconnect" : "Connect"))
            {
                if (open)
                    receiver.Disconnect();
                else
                    receiver.Connect();
            }
            if (receiver.State != SourceState.Connected)
                return;
            EditorGUILayout.LabelField("Frames", receiver.FramesReceived + " received, " + receiver.FramesDropped + " left out");
            if (receiver.Smooth)
                EditorGUILayout.LabelField("Shown later by", (receiver.Delay * 1000.0).ToString("0") + " ms, so that it is even");
            People(receiver);
            if (receiver.Client != null)
                Server(receiver);
        }

        static string Words(MocapReceiver receiver)
        {
            switch (receiver.State)
            {
                case SourceState.Connecting: return "connecting";
                case SourceState.Connected: return "connected" + (receiver.Cast == null ? "" : " to " + receiver.Cast.Server);
                case SourceState.Waiting: return "interrupted; it comes back by itself";
                case SourceState.Refused: return "refused";
                default: return "not connected";
            }
        }

        static void People(MocapReceiver receiver)
        {
            if (receiver.People.Count == 0)
                EditorGUILayout.LabelField("People", "nobody is seen");
            var pose = new PersonPose();
            for (var i = 0; i < receiver.People.Count; i++)
            {
                var person = receiver.People[i];
                if (receiver.TryGetPose(person, pose))
                    EditorGUILayout.LabelField("Person " + person, pose.State.ToString().ToLowerInvariant() + ", " + (pose.Confidence * 100f).ToString("0") + " % sure");
            }
        }

        void Server(MocapReceiver receiver)
        {
            var client = receiver.Client;
            var status = receiver.Status;
            if (status != null)
                EditorGUILayout.LabelField("Camera", status.Source + ", " + status.Fps.ToString("0.0") + " frames a second");
            _take = EditorGUILayout.TextField("Name of take", _take);
            using (new EditorGUILayout.HorizontalScope())
            {
                var records = status != null && status.RecordingName != null;
                if (GUILayout.Button(records ? "Stop Recording on Server" : "Record on Server"))
                {
                    if (records)
                        client.Stop();
                    else
                        client.Record(_take);
                }
                if (GUILayout.Button("Calibrate"))
                    client.Calibrate();
            }
            EditorGUILayout.LabelField("To calibrate, stand in a T-pose, all of you in the picture, until it says that it is done.", EditorStyles.wordWrappedMiniLabel);
            if (receiver.Said.Length > 0)
                EditorGUILayout.HelpBox(receiver.Said, MessageType.Info);
        }
    }
}
