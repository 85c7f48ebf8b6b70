// The rest of the engine that the package touches: attributes, time, log, gizmos, events.

using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace UnityEngine
{
    [AttributeUsage(AttributeTargets.Field)] public sealed class SerializeField : Attribute { }
    [AttributeUsage(AttributeTargets.Field)] public sealed class HideInInspector : Attribute { }
    public abstract class PropertyAttribute : Attribute { public int order { get; set; } }
    [AttributeUsage(AttributeTargets.Field)] public class TooltipAttribute : PropertyAttribute { public readonly string tooltip; public TooltipAttribute(string tooltip) { this.tooltip = tooltip; } }
    [AttributeUsage(AttributeTargets.Field)] public sealed class RangeAttribute : PropertyAttribute { public readonly float min, max; public RangeAttribute(float min, float max) { this.min = min; this.max = max; } }
    [AttributeUsage(AttributeTargets.Field)] public sealed class MinAttribute : PropertyAttribute { public readonly float min; public MinAttribute(float min) { this.min = min; } }
    [AttributeUsage(AttributeTargets.Field, AllowMultiple = true)] public class HeaderAttribute : PropertyAttribute { public readonly string header; public HeaderAttribute(string header) { this.header = header; } }
    [AttributeUsage(AttributeTargets.Class)] public sealed class AddComponentMenu : Attribute { public AddComponentMenu(string menuName) { } public AddComponentMenu(string menuName, int order) { } }
    [AttributeUsage(AttributeTargets.Class)] public sealed class DisallowMultipleComponent : Attribute { }
    [AttributeUsage(AttributeTargets.Class)] public sealed class ExecuteAlways : Attribute { }
    [AttributeUsage(AttributeTargets.Class)] public sealed class HelpURLAttribute : Attribute { public HelpURLAttribute(string url) { } }
    [AttributeUsage(AttributeTargets.Class)] public class DefaultExecutionOrder : Attribute { public int order { get; private set; } public DefaultExecutionOrder(int order) { this.order = order; } }
    [AttributeUsage(AttributeTargets.Method)] public sealed class ContextMenu : Attribute { public ContextMenu(string itemName) { } }
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)] public sealed class RequireComponent : Attribute { public Type m_Type0; public RequireComponent(Type requiredComponent) { m_Type0 = requiredComponent; } }

    public static class Time
    {
        internal static double Now;
        internal static float Delta, UnscaledDelta;
        public static float timeScale { get; set; }
        internal static int Frame;
        private static readonly Stopwatch Watch = Stopwatch.StartNew();

        public static float deltaTime { get { return Delta; } }
        public static float unscaledDeltaTime { get { return UnscaledDelta; } }
        public static float time { get { return (float)Now; } }
        public static float unscaledTime { get { return (float)Now; } }
        public static double timeAsDouble { get { return Now; } }
        public static double unscaledTimeAsDouble { get { return Now; } }
        public static int frameCount { get { return Frame; } }
        public static double realtimeSinceStartupAsDouble { get { return Watch.Elapsed.TotalSeconds; } }
        public static float realtimeSinceStartup { get { return (float)Watch.Elapsed.TotalSeconds; } }
    }

    public static class Debug
    {
        public static readonly List<string> Said = new List<string>();

        public static void Log(object message) { Said.Add("" + message); }
        public static void Log(object message, Object context) { Log(message); }
        public static void LogWarning(object message) { Stage.Trouble.Add("warning: " + message); }
        public static void LogWarning(object message, Object context) { LogWarning(message); }
        public static void LogError(object message) { Stage.Trouble.Add("error: " + message); }
        public static void LogError(object message, Object context) { LogError(message); }
        public static void LogException(Exception e) { Stage.Trouble.Add("exception: " + e); }
        public static void LogException(Exception e, Object context) { LogException(e); }
    }

    public enum RuntimePlatform { OSXEditor = 0, OSXPlayer = 1, WindowsPlayer = 2, WindowsEditor = 7, LinuxPlayer = 13, LinuxEditor = 16, WebGLPlayer = 17 }

    public static class Application
    {
        public static bool isPlaying { get { return Stage.Playing; } }
        public static bool runInBackground { get; set; }
        public static bool isEditor { get { return !IsBuilt; } }

        /// <summary>Not Unity's: whether this is a built game.</summary>
        public static bool IsBuilt { get; set; }
        public static RuntimePlatform platform { get { return RuntimePlatform.LinuxEditor; } }
        public static string dataPath { get { return Environment.CurrentDirectory + "/Assets"; } }
    }

    public static class Resources { public static T[] FindObjectsOfTypeAll<T>() where T : Object { return Object.FindObjectsOfType<T>(); } }

    public class Shader : Object { public static Shader Find(string name) { return new Shader { name = name }; } }

    public class Material : Object
    {
        public Material(Shader shader) { this.shader = shader; }
        public Shader shader { get; set; }
        public Color color { get; set; }
    }

    public static class Gizmos
    {
        public static readonly List<KeyValuePair<Vector3, Vector3>> Lines = new List<KeyValuePair<Vector3, Vector3>>();
        public static Color color { get; set; }
        public static void DrawLine(Vector3 from, Vector3 to) { Lines.Add(new KeyValuePair<Vector3, Vector3>(from, to)); }
        public static void DrawSphere(Vector3 center, float radius) { }
        public static void DrawWireSphere(Vector3 center, float radius) { }
    }

    public class GUIContent
    {
        public static readonly GUIContent none = new GUIContent("");
        public string text { get; set; }
        public string tooltip { get; set; }
        public GUIContent(string text) : this(text, "") { }
        public GUIContent(string text, string tooltip) { this.text = text; this.tooltip = tooltip; }
    }

    public class TextAsset : Object
    {
        public TextAsset(string text) { this.text = text; }
        public string text { get; private set; }
    }

    public class GUIStyle { }
    public class GUILayoutOption { }

    /// <summary>Buttons are pressed here by their text, before the inspector is drawn.</summary>
    public static class GUILayout
    {
        public static readonly HashSet<string> Pressed = new HashSet<string>();
        public static readonly List<string> Shown = new List<string>();

        public static bool Button(string text, params GUILayoutOption[] options) { Shown.Add(text); return GUI.enabled && Pressed.Remove(text); }
        public static bool Button(GUIContent content, params GUILayoutOption[] options) { return Button(content.text, options); }
        public static void Label(string text, params GUILayoutOption[] options) { Shown.Add(text); }
        public static void FlexibleSpace() { }
        public static GUILayoutOption Width(float width) { return new GUILayoutOption(); }
        public static GUILayoutOption MinHeight(float height) { return new GUILayoutOption(); }
        public static GUILayoutOption ExpandWidth(bool expand) { return new GUILayoutOption(); }
    }

    public sealed class ExitGUIException : Exception { }
    public static class GUIUtility { public static void ExitGUI() { throw new ExitGUIException(); } }

    public static class GUI
    {
        private static bool _enabled = true;
        public static bool enabled { get { return _enabled; } set { _enabled = value; } }
        public static bool changed { get; set; }
        public static Color color { get; set; }
    }
}

namespace UnityEngine.Events
{
    public delegate void UnityAction();
    public delegate void UnityAction<T0>(T0 arg0);

    [Serializable]
    public abstract class UnityEventBase { }

    [Serializable]
    public class UnityEvent : UnityEventBase
    {
        private UnityAction _calls;
        public void AddListener(UnityAction call) { _calls += call; }
        public void RemoveListener(UnityAction call) { _calls -= call; }
        public void Invoke() { if (_calls != null) { _calls(); } }
    }

    [Serializable]
    public class UnityEvent<T0> : UnityEventBase
    {
        private UnityAction<T0> _calls;
        public void AddListener(UnityAction<T0> call) { _calls += call; }
        public void RemoveListener(UnityAction<T0> call) { _calls -= call; }
        public void Invoke(T0 arg0) { if (_calls != null) { _calls(arg0); } }
    }
}
