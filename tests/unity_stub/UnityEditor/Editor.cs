// What of the editor the package touches. Serialized properties really read and write the fields
// of components, and asking for a field that is not serialized fails, so inspectors can be drawn.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    [AttributeUsage(AttributeTargets.Class)] public sealed class CustomEditor : Attribute { public CustomEditor(Type inspectedType) { } public CustomEditor(Type inspectedType, bool editorForChildClasses) { } }
    [AttributeUsage(AttributeTargets.Class)] public sealed class CanEditMultipleObjects : Attribute { }
    [AttributeUsage(AttributeTargets.Class)] public sealed class InitializeOnLoadAttribute : Attribute { }
    [AttributeUsage(AttributeTargets.Method)] public sealed class InitializeOnLoadMethodAttribute : Attribute { }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class MenuItem : Attribute
    {
        public string menuItem;
        public bool validate;
        public int priority;
        public MenuItem(string itemName) : this(itemName, false) { }
        public MenuItem(string itemName, bool isValidateFunction) : this(itemName, isValidateFunction, 1000) { }
        public MenuItem(string itemName, bool isValidateFunction, int priority) { menuItem = itemName; validate = isValidateFunction; this.priority = priority; }
    }

    public sealed class MenuCommand
    {
        public Object context;
        public int userData;
        public MenuCommand(Object inContext) { context = inContext; }
    }

    public enum MessageType { None, Info, Warning, Error }

    public class Editor : ScriptableObject
    {
        private SerializedObject _serialized;
        public Object target { get { return targets.Length > 0 ? targets[0] : null; } }
        public Object[] targets { get; set; }
        public SerializedObject serializedObject { get { return _serialized ?? (_serialized = new SerializedObject(targets)); } }
        public virtual void OnInspectorGUI() { DrawDefaultInspector(); }
        public virtual bool RequiresConstantRepaint() { return false; }
        public bool DrawDefaultInspector() { return false; }
        public void Repaint() { }

        public static Editor CreateEditor(Object target, Type editorType)
        {
            Editor made = (Editor)Activator.CreateInstance(editorType);
            made.targets = new[] { target };
            MethodInfo enable = editorType.GetMethod("OnEnable", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
            if (enable != null) { enable.Invoke(made, null); }
            return made;
        }
    }

    public class SerializedObject : IDisposable
    {
        private readonly Object[] _targets;
        public SerializedObject(Object target) : this(new[] { target }) { }
        public SerializedObject(Object[] targets) { _targets = targets; }
        public Object targetObject { get { return _targets[0]; } }
        public bool isEditingMultipleObjects { get { return _targets.Length > 1; } }
        public void Update() { }
        public void UpdateIfRequiredOrScript() { }
        public bool ApplyModifiedProperties() { return true; }
        public void Dispose() { }

        public SerializedProperty FindProperty(string path)
        {
            return SerializedProperty.Of(_targets[0], path);
        }
    }

    /// <summary>A field of a component, or an element of one of its lists.</summary>
    public class SerializedProperty
    {
        private readonly Func<object> _get;
        private readonly Action<object> _set;

        private SerializedProperty(string name, Type type, Func<object> get, Action<object> set)
        {
            this.name = name;
            Type = type;
            _get = get;
            _set = set;
        }

        internal Type Type { get; private set; }
        public string name { get; private set; }
        public string displayName { get { return name; } }
        public bool isExpanded { get; set; }
        public bool hasMultipleDifferentValues { get { return false; } }
        public bool boolValue { get { return (bool)_get(); } set { _set(value); } }
        public int intValue { get { return (int)_get(); } set { _set(value); } }
        public float floatValue { get { return (float)_get(); } set { _set(value); } }
        public string stringValue { get { return (string)_get(); } set { _set(value); } }
        public int enumValueIndex { get { return Array.IndexOf(Enum.GetValues(Type), _get()); } set { _set(Enum.GetValues(Type).GetValue(value)); } }
        public Object objectReferenceValue { get { return (Object)_get(); } set { _set(value); } }
        public Vector3 vector3Value { get { return (Vector3)_get(); } set { _set(value); } }
        public Quaternion quaternionValue { get { return (Quaternion)_get(); } set { _set(value); } }

        public int arraySize
        {
            get { IList list = (IList)_get(); return list == null ? 0 : list.Count; }
            set
            {
                IList list = (IList)_get();
                Type of = Type.IsArray ? Type.GetElementType() : Type.GetGenericArguments()[0];
                if (Type.IsArray)
                {
                    Array made = Array.CreateInstance(of, value);
                    for (int i = 0; i < value; i++) { made.SetValue(list != null && i < list.Count ? list[i] : Fresh(of), i); }
                    _set(made);
                    return;
                }
                while (list.Count > value) { list.RemoveAt(list.Count - 1); }
                while (list.Count < value) { list.Add(Fresh(of)); }
            }
        }

        public SerializedProperty GetArrayElementAtIndex(int i)
        {
            IList list = (IList)_get();
            Type of = Type.IsArray ? Type.GetElementType() : Type.GetGenericArguments()[0];
            if (i < 0 || i >= list.Count) { throw new IndexOutOfRangeException(name + "[" + i + "] of " + list.Count); }
            return new SerializedProperty(name + "[" + i + "]", of, () => list[i], v => list[i] = v);
        }

        public SerializedProperty FindPropertyRelative(string path)
        {
            object owner = _get();
            return Of(owner, path, changed => { if (Type.IsValueType) { _set(changed); } });
        }

        public void ClearArray() { arraySize = 0; }

        internal static SerializedProperty Of(object owner, string path, Action<object> changed = null)
        {
            for (Type t = owner.GetType(); t != null; t = t.BaseType)
            {
                FieldInfo f = t.GetField(path, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
                if (f == null) { continue; }
                if (!f.IsPublic && !Attribute.IsDefined(f, typeof(SerializeField)) || f.IsNotSerialized || f.IsInitOnly) { return null; }
                return new SerializedProperty(path, f.FieldType, () => f.GetValue(owner), v => { f.SetValue(owner, v); if (changed != null) { changed(owner); } });
            }
            return null;
        }

        private static object Fresh(Type of) { return of.IsValueType || of.GetConstructor(Type.EmptyTypes) != null ? Activator.CreateInstance(of) : null; }
    }

    public static class EditorGUILayout
    {
        public static readonly List<string> Shown = new List<string>();

        public static bool PropertyField(SerializedProperty property, params GUILayoutOption[] options) { return PropertyField(property, null, false, options); }
        public static bool PropertyField(SerializedProperty property, GUIContent label, params GUILayoutOption[] options) { return PropertyField(property, label, false, options); }
        public static bool PropertyField(SerializedProperty property, GUIContent label, bool includeChildren, params GUILayoutOption[] options)
        {
            if (property == null) { throw new NullReferenceException("PropertyField of a field that is not serialized"); }
            Shown.Add(property.name);
            return false;
        }

        public static void LabelField(string label, params GUILayoutOption[] options) { Shown.Add(label); }
        public static void LabelField(string label, GUIStyle style, params GUILayoutOption[] options) { Shown.Add(label); }
        public static void LabelField(string label, string label2, params GUILayoutOption[] options) { Shown.Add(label + ": " + label2); }
        public static void HelpBox(string message, MessageType type) { Shown.Add(type + ": " + message); }
        public static void Space() { }
        public static bool Foldout(bool foldout, string content, bool toggleOnLabelClick) { return foldout; }
        public static Enum EnumPopup(string label, Enum selected, params GUILayoutOption[] options) { return selected; }
        public static bool Toggle(string label, bool value, params GUILayoutOption[] options) { return value; }
        public static bool ToggleLeft(string label, bool value, params GUILayoutOption[] options) { return value; }
        public static string TextField(string label, string text, params GUILayoutOption[] options) { return text; }
        public static Object ObjectField(string label, Object obj, Type objType, bool allowSceneObjects, params GUILayoutOption[] options) { Shown.Add(label); return obj; }
        public static Object ObjectField(GUIContent label, Object obj, Type objType, bool allowSceneObjects, params GUILayoutOption[] options) { Shown.Add(label.text); return obj; }
        public static Vector2 BeginScrollView(Vector2 scrollPosition, params GUILayoutOption[] options) { return scrollPosition; }
        public static void EndScrollView() { }
        public static Rect BeginHorizontal(params GUILayoutOption[] options) { return new Rect(); }
        public static void EndHorizontal() { }
        public static Rect BeginVertical(params GUILayoutOption[] options) { return new Rect(); }
        public static void EndVertical() { }

        public class HorizontalScope : IDisposable { public HorizontalScope(params GUILayoutOption[] options) { } public void Dispose() { } }
        public class VerticalScope : IDisposable { public VerticalScope(params GUILayoutOption[] options) { } public void Dispose() { } }
    }

    public static class EditorGUI
    {
        public static int indentLevel { get; set; }
        public static void BeginChangeCheck() { }
        public static bool EndChangeCheck() { return false; }

        public class DisabledScope : IDisposable
        {
            private readonly bool _before = GUI.enabled;
            public DisabledScope(bool disabled) { GUI.enabled = _before && !disabled; }
            public void Dispose() { GUI.enabled = _before; }
        }

        public class IndentLevelScope : IDisposable { public IndentLevelScope() { indentLevel++; } public void Dispose() { indentLevel--; } }
    }

    public static class EditorStyles
    {
        public static GUIStyle boldLabel { get { return new GUIStyle(); } }
        public static GUIStyle miniLabel { get { return new GUIStyle(); } }
        public static GUIStyle wordWrappedMiniLabel { get { return new GUIStyle(); } }
    }

    public enum PlayModeStateChange { EnteredEditMode, ExitingEditMode, EnteredPlayMode, ExitingPlayMode }

    public static class EditorApplication
    {
        public static bool isPlaying { get { return Application.isPlaying; } }
        public static bool isPlayingOrWillChangePlaymode { get { return Application.isPlaying; } }
        public static event Action<PlayModeStateChange> playModeStateChanged;

        /// <summary>Not Unity's: the scene is about to stop, and everything in it still lives.</summary>
        public static void ExitPlayMode() { if (playModeStateChanged != null) { playModeStateChanged(PlayModeStateChange.ExitingPlayMode); } }
    }

    public static class EditorUtility
    {
        public static readonly List<string> Said = new List<string>();
        public static string Answer = "";  // what a file panel gives

        public static void SetDirty(Object target) { }
        public static bool IsPersistent(Object target) { return AssetDatabase.Contains(target); }
        public static bool DisplayDialog(string title, string message, string ok) { Said.Add(title + ": " + message); return true; }
        public static bool DisplayDialog(string title, string message, string ok, string cancel) { Said.Add(title + ": " + message); return true; }
        public static string OpenFilePanelWithFilters(string title, string directory, string[] filters)
        {
            if (filters.Length % 2 != 0) { throw new ArgumentException("filters come in pairs"); }
            return Answer;
        }
        public static string SaveFilePanelInProject(string title, string defaultName, string extension, string message) { return Answer; }
        public static void DisplayProgressBar(string title, string info, float progress) { }
        public static void ClearProgressBar() { }
    }

    public static class Undo
    {
        public static readonly List<string> Names = new List<string>();
        public static void RegisterCreatedObjectUndo(Object objectToUndo, string name) { Names.Add(name); }
        public static void RecordObject(Object objectToUndo, string name) { Names.Add(name); }
        public static void RecordObjects(Object[] objectsToUndo, string name) { Names.Add(name); }
        public static T AddComponent<T>(GameObject gameObject) where T : Component { return gameObject.AddComponent<T>(); }
        public static Component AddComponent(GameObject gameObject, Type type) { return gameObject.AddComponent(type); }
        public static void SetCurrentGroupName(string name) { }
        public static int GetCurrentGroup() { return 0; }
        public static void CollapseUndoOperations(int groupIndex) { }
    }

    public static class Selection
    {
        private static Object[] _objects = new Object[0];
        public static Object activeObject { get { return _objects.Length > 0 ? _objects[0] : null; } set { _objects = value == null ? new Object[0] : new[] { value }; } }
        public static GameObject activeGameObject { get { return activeObject as GameObject; } set { activeObject = value; } }
        public static Object[] objects { get { return _objects; } set { _objects = value; } }
        public static GameObject[] gameObjects
        {
            get
            {
                List<GameObject> found = new List<GameObject>();
                foreach (Object o in _objects) { if (o is GameObject) { found.Add((GameObject)o); } }
                return found.ToArray();
            }
        }
    }

    public static class GameObjectUtility
    {
        public static void SetParentAndAlign(GameObject child, GameObject parent) { if (parent != null) { child.transform.SetParent(parent.transform, false); } }
        public static string GetUniqueNameForSibling(Transform parent, string name) { return name; }
    }

    public struct EditorCurveBinding
    {
        public string path;
        public string propertyName;
        public Type type;
        public static EditorCurveBinding FloatCurve(string inPath, Type inType, string inPropertyName) { return new EditorCurveBinding { path = inPath, type = inType, propertyName = inPropertyName }; }
    }

    public sealed class AnimationClipSettings
    {
        public bool loopTime { get; set; }
        public bool loopBlendOrientation { get; set; }
        public bool loopBlendPositionY { get; set; }
        public bool loopBlendPositionXZ { get; set; }
        public bool keepOriginalOrientation { get; set; }
        public bool keepOriginalPositionY { get; set; }
        public bool keepOriginalPositionXZ { get; set; }
        public float startTime { get; set; }
        public float stopTime { get; set; }
    }

    public static class AnimationUtility
    {
        private static readonly Dictionary<AnimationClip, AnimationClipSettings> Settings = new Dictionary<AnimationClip, AnimationClipSettings>();

        public static AnimationClipSettings GetAnimationClipSettings(AnimationClip clip)
        {
            return Settings.ContainsKey(clip) ? Settings[clip] : new AnimationClipSettings { keepOriginalPositionY = true };
        }

        public static void SetAnimationClipSettings(AnimationClip clip, AnimationClipSettings srcClipInfo) { Settings[clip] = srcClipInfo; }
    }

    /// <summary>The project folder: assets by their path.</summary>
    public static class AssetDatabase
    {
        public static readonly Dictionary<string, Object> Assets = new Dictionary<string, Object>();

        public static void CreateAsset(Object asset, string path)
        {
            if (!path.StartsWith("Assets/")) { throw new ArgumentException("CreateAsset: expected a path in Assets, got " + path); }
            Assets[path] = asset;
        }

        public static string GetAssetPath(Object assetObject)
        {
            foreach (KeyValuePair<string, Object> pair in Assets) { if (pair.Value == assetObject) { return pair.Key; } }
            return "";
        }

        public static string GenerateUniqueAssetPath(string path)
        {
            string free = path;
            for (int i = 1; Assets.ContainsKey(free); i++) { free = path.Insert(path.LastIndexOf('.'), " " + i); }
            return free;
        }

        public static T LoadAssetAtPath<T>(string assetPath) where T : Object { return Assets.ContainsKey(assetPath) ? Assets[assetPath] as T : null; }
        public static bool IsValidFolder(string path) { return path == "Assets"; }
        public static void ImportAsset(string path) { }
        public static void SaveAssets() { }
        public static void Refresh() { }
        public static bool Contains(Object obj) { return GetAssetPath(obj) != ""; }
    }

    public static class PrefabUtility { public static void RecordPrefabInstancePropertyModifications(Object targetObject) { } }

    public class AssetImporter : Object
    {
        public static readonly Dictionary<string, AssetImporter> Importers = new Dictionary<string, AssetImporter>();
        public string assetPath { get; set; }
        public static AssetImporter GetAtPath(string path) { return Importers.ContainsKey(path) ? Importers[path] : null; }
    }
}

namespace UnityEditor.AssetImporters
{
    [AttributeUsage(AttributeTargets.Class)]
    public class ScriptedImporterAttribute : Attribute
    {
        public string[] fileExtensions { get; private set; }
        public ScriptedImporterAttribute(int version, string ext) { fileExtensions = new[] { ext }; }
        public ScriptedImporterAttribute(int version, string[] exts) { fileExtensions = exts; }
    }

    public abstract class ScriptedImporter : AssetImporter { public abstract void OnImportAsset(AssetImportContext ctx); }

    public class AssetImportContext
    {
        /// <summary>Not Unity's: what an import made, said and took for the main asset, for tests.</summary>
        public readonly Dictionary<string, Object> Made = new Dictionary<string, Object>();
        public readonly List<string> Said = new List<string>();
        public Object mainObject { get; private set; }
        public string assetPath { get; set; }

        public void AddObjectToAsset(string identifier, Object obj)
        {
            if (Made.ContainsKey(identifier)) { throw new ArgumentException("identifier used twice: " + identifier); }
            Made.Add(identifier, obj);
        }

        public void SetMainObject(Object obj)
        {
            if (!Made.ContainsValue(obj)) { throw new ArgumentException("the main object must be added first"); }
            mainObject = obj;
        }

        public void LogImportError(string msg, Object obj = null) { Said.Add("error: " + msg); }
        public void LogImportWarning(string msg, Object obj = null) { Said.Add("warning: " + msg); }
    }

    public abstract class AssetImporterEditor : Editor { }
    public class ScriptedImporterEditor : AssetImporterEditor { protected void ApplyRevertGUI() { } }
}
