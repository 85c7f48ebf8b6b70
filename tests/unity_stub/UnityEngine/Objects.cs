// Objects, components and transforms, with the rules that components rely on: what is destroyed
// equals null, positions and rotations go through the whole hierarchy, scale and mirroring too.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;

namespace UnityEngine
{
    [Flags]
    public enum HideFlags { None = 0, HideInHierarchy = 1, HideInInspector = 2, DontSaveInEditor = 4, NotEditable = 8, DontSaveInBuild = 16, DontUnloadUnusedAsset = 32, DontSave = 52, HideAndDontSave = 61 }

    public enum PrimitiveType { Sphere, Capsule, Cylinder, Cube, Plane, Quad }

    public class Object
    {
        private static int _made;
        private readonly int _id = ++_made;
        internal bool _destroyed;

        public virtual string name { get; set; }
        public HideFlags hideFlags { get; set; }

        public int GetInstanceID() { return _id; }
        public override int GetHashCode() { return _id; }
        public override bool Equals(object other) { return Same(this, other as Object); }
        public override string ToString() { return name; }
        public static bool operator ==(Object a, Object b) { return Same(a, b); }
        public static bool operator !=(Object a, Object b) { return !Same(a, b); }
        public static implicit operator bool(Object o) { return !Same(o, null); }

        /// <summary>In play mode at the end of the frame, as in Unity.</summary>
        public static void Destroy(Object o) { Stage.Doomed.Add(o); }
        public static void DestroyImmediate(Object o) { if (o) { o.Perish(); } }
        public static T[] FindObjectsOfType<T>() where T : Object { return Stage.Find<T>().ToArray(); }

        /// <summary>For what is compiled only.</summary>
        public static T Instantiate<T>(T original) where T : Object { throw new NotSupportedException(); }

        internal virtual void Perish() { _destroyed = true; }

        private static bool Same(Object a, Object b)
        {
            bool noA = ReferenceEquals(a, null) || a._destroyed, noB = ReferenceEquals(b, null) || b._destroyed;
            return noA || noB ? noA && noB : ReferenceEquals(a, b);
        }
    }

    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject { return Activator.CreateInstance<T>(); }
    }

    public class Component : Object
    {
        internal GameObject _owner;

        public GameObject gameObject { get { return Alive()._owner; } }
        public Transform transform { get { return Alive()._owner.transform; } }
        public override string name { get { return Alive()._owner.name; } set { Alive()._owner.name = value; } }

        public T GetComponent<T>() { return gameObject.GetComponent<T>(); }
        public Component GetComponent(Type type) { return gameObject.GetComponent(type); }
        public bool TryGetComponent<T>(out T found) { return gameObject.TryGetComponent(out found); }
        public T GetComponentInChildren<T>() { return gameObject.GetComponentInChildren<T>(); }
        public T[] GetComponentsInChildren<T>(bool includeInactive = false) { return gameObject.GetComponentsInChildren<T>(includeInactive); }
        public T GetComponentInParent<T>() { return gameObject.GetComponentInParent<T>(); }

        internal override void Perish()
        {
            Stage.Leave(this);
            if (!ReferenceEquals(_owner, null)) { _owner._components.Remove(this); }
            base.Perish();
        }

        protected Component Alive()
        {
            if (_destroyed) { throw new MissingReferenceException("The object of type '" + GetType().Name + "' has been destroyed but you are still trying to access it."); }
            return this;
        }
    }

    public class MissingReferenceException : Exception
    {
        public MissingReferenceException(string message) : base(message) { }
    }

    public class Behaviour : Component
    {
        private bool _enabled = true;

        public bool enabled
        {
            get { return _enabled; }
            set { if (_enabled != value) { _enabled = value; Stage.Refresh(gameObject); } }
        }

        public bool isActiveAndEnabled { get { return !_destroyed && _enabled && _owner.activeInHierarchy; } }
    }

    public class MonoBehaviour : Behaviour
    {
        internal bool _awake, _on, _started;

        public bool runInEditMode { get; set; }
    }

    public sealed class GameObject : Object
    {
        internal readonly List<Component> _components = new List<Component>();
        private readonly Transform _transform;
        private bool _active = true;

        public GameObject() : this("New Game Object") { }

        public GameObject(string name, params Type[] types)
        {
            this.name = name;
            _transform = new Transform { _owner = this };
            _components.Add(_transform);
            Stage.All.Add(this);
            foreach (Type type in types) { AddComponent(type); }
        }

        public Transform transform { get { if (_destroyed) { throw new MissingReferenceException("The GameObject has been destroyed."); } return _transform; } }
        public GameObject gameObject { get { return this; } }
        public bool activeSelf { get { return _active; } }
        public bool activeInHierarchy { get { return !_destroyed && _active && (_transform.parent == null || _transform.parent.gameObject.activeInHierarchy); } }
        public int layer { get; set; }

        public void SetActive(bool active) { _active = active; Stage.Refresh(this); }

        public T AddComponent<T>() where T : Component { return (T)AddComponent(typeof(T)); }

        public Component AddComponent(Type type)
        {
            foreach (RequireComponent need in type.GetCustomAttributes(typeof(RequireComponent), true))
            {
                if (GetComponent(need.m_Type0) == null) { AddComponent(need.m_Type0); }
            }
            Component made = (Component)Activator.CreateInstance(type);
            made._owner = this;
            _components.Add(made);
            Stage.Refresh(this);
            return made;
        }

        public T GetComponent<T>()
        {
            foreach (Component c in _components) { if (c is T) { return (T)(object)c; } }
            return default(T);
        }

        public Component GetComponent(Type type)
        {
            foreach (Component c in _components) { if (type.IsInstanceOfType(c)) { return c; } }
            return null;
        }

        public bool TryGetComponent<T>(out T found) { found = GetComponent<T>(); return found != null; }

        public T GetComponentInChildren<T>()
        {
            T[] all = GetComponentsInChildren<T>(false);
            return all.Length > 0 ? all[0] : default(T);
        }

        public T[] GetComponentsInChildren<T>(bool includeInactive = false)
        {
            List<T> found = new List<T>();
            Collect(_transform, found, includeInactive);
            return found.ToArray();
        }

        public T GetComponentInParent<T>()
        {
            for (Transform t = _transform; t != null; t = t.parent)
            {
                T c = t.gameObject.GetComponent<T>();
                if (c != null) { return c; }
            }
            return default(T);
        }

        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            GameObject made = new GameObject(type.ToString());
            made.AddComponent<MeshRenderer>();
            if (type == PrimitiveType.Sphere) { made.AddComponent<SphereCollider>(); } else { made.AddComponent<CapsuleCollider>(); }
            return made;
        }

        internal override void Perish()
        {
            foreach (Transform child in new List<Transform>(_transform._children)) { child.gameObject.Perish(); }
            foreach (Component c in new List<Component>(_components)) { if (c != _transform) { c.Perish(); } }
            if (!ReferenceEquals(_transform._parent, null)) { _transform._parent._children.Remove(_transform); }
            _transform._destroyed = true;
            Stage.All.Remove(this);
            base.Perish();
        }

        private static void Collect<T>(Transform at, List<T> found, bool includeInactive)
        {
            if (!includeInactive && !at.gameObject.activeSelf) { return; }
            foreach (Component c in at.gameObject._components) { if (c is T) { found.Add((T)(object)c); } }
            foreach (Transform child in at._children) { Collect(child, found, includeInactive); }
        }
    }

    public class Transform : Component, IEnumerable
    {
        internal readonly List<Transform> _children = new List<Transform>();
        internal Transform _parent;
        private Vector3 _position;
        private Quaternion _rotation = Quaternion.identity;
        private Vector3 _scale = Vector3.one;

        public Vector3 localPosition { get { Alive(); return _position; } set { Alive(); _position = Finite(value); } }
        public Quaternion localRotation { get { Alive(); return _rotation; } set { Alive(); _rotation = Finite(value).normalized; } }
        public Vector3 localScale { get { Alive(); return _scale; } set { Alive(); _scale = value; } }

        public Vector3 position
        {
            get { return _parent == null ? localPosition : _parent.TransformPoint(localPosition); }
            set { localPosition = _parent == null ? value : _parent.InverseTransformPoint(value); }
        }

        public Quaternion rotation
        {
            get { return _parent == null ? localRotation : _parent.rotation * Mirrored(localRotation, _parent.Signs()); }
            set { localRotation = _parent == null ? value : Mirrored(Quaternion.Inverse(_parent.rotation) * value, _parent.Signs()); }
        }

        /// <summary>What of the scale lies along the own axes; all there is where nothing is skewed.</summary>
        public Vector3 lossyScale
        {
            get
            {
                Quaternion back = Quaternion.Inverse(rotation);
                return new Vector3((back * TransformVector(Vector3.right)).x, (back * TransformVector(Vector3.up)).y, (back * TransformVector(Vector3.forward)).z);
            }
        }

        public Vector3 right { get { return rotation * Vector3.right; } }
        public Vector3 up { get { return rotation * Vector3.up; } }
        public Vector3 forward { get { return rotation * Vector3.forward; } }
        public int childCount { get { return _children.Count; } }
        public Transform root { get { return _parent == null ? this : _parent.root; } }

        public Transform parent { get { Alive(); return _parent; } set { SetParent(value); } }

        public void SetParent(Transform parent, bool worldPositionStays = true)
        {
            Vector3 at = position;
            Quaternion turn = rotation;
            if (!ReferenceEquals(_parent, null)) { _parent._children.Remove(this); }
            _parent = parent;
            if (parent != null) { parent._children.Add(this); }
            if (worldPositionStays) { position = at; rotation = turn; }
        }

        public void SetPositionAndRotation(Vector3 at, Quaternion turn) { position = at; rotation = turn; }
        public Transform GetChild(int i) { return _children[i]; }

        public Transform Find(string path)
        {
            Transform at = this;
            foreach (string step in path.Split('/'))
            {
                Transform next = null;
                foreach (Transform child in at._children) { if (child.name == step) { next = child; break; } }
                if (next == null) { return null; }
                at = next;
            }
            return at;
        }

        public bool IsChildOf(Transform above)
        {
            for (Transform t = this; t != null; t = t._parent) { if (t == above) { return true; } }
            return false;
        }

        public Vector3 TransformVector(Vector3 v)
        {
            v = _rotation * Vector3.Scale(_scale, v);
            return _parent == null ? v : _parent.TransformVector(v);
        }

        public Vector3 TransformPoint(Vector3 p)
        {
            p = localPosition + _rotation * Vector3.Scale(_scale, p);
            return _parent == null ? p : _parent.TransformPoint(p);
        }

        public Vector3 InverseTransformPoint(Vector3 p)
        {
            if (_parent != null) { p = _parent.InverseTransformPoint(p); }
            p = Quaternion.Inverse(_rotation) * (p - localPosition);
            return new Vector3(Part(p.x, _scale.x), Part(p.y, _scale.y), Part(p.z, _scale.z));
        }

        public Vector3 InverseTransformVector(Vector3 v)
        {
            if (_parent != null) { v = _parent.InverseTransformVector(v); }
            v = Quaternion.Inverse(_rotation) * v;
            return new Vector3(Part(v.x, _scale.x), Part(v.y, _scale.y), Part(v.z, _scale.z));
        }

        public Vector3 TransformDirection(Vector3 v) { return rotation * v; }
        public Vector3 InverseTransformDirection(Vector3 v) { return Quaternion.Inverse(rotation) * v; }
        public IEnumerator GetEnumerator() { return new List<Transform>(_children).GetEnumerator(); }

        /// <summary>Which axes this and everything above mirror, together.</summary>
        private Vector3 Signs()
        {
            Vector3 own = new Vector3(Math.Sign(_scale.x), Math.Sign(_scale.y), Math.Sign(_scale.z));
            return _parent == null ? own : Vector3.Scale(own, _parent.Signs());
        }

        /// <summary>A rotation as seen through a mirror on some axes.</summary>
        private static Quaternion Mirrored(Quaternion q, Vector3 s) { return new Quaternion(q.x * s.y * s.z, q.y * s.x * s.z, q.z * s.x * s.y, q.w); }
        private static float Part(float v, float by) { return by == 0f ? 0f : v / by; }

        private static Vector3 Finite(Vector3 v)
        {
            if (float.IsNaN(v.sqrMagnitude) || float.IsInfinity(v.sqrMagnitude)) { throw new ArgumentException("position: expected numbers, got " + v); }
            return v;
        }

        private static Quaternion Finite(Quaternion q)
        {
            float n = Quaternion.Dot(q, q);
            if (float.IsNaN(n) || float.IsInfinity(n) || n < 0.5f || n > 2f) { throw new ArgumentException("rotation: expected a unit quaternion, got " + q); }
            return q;
        }
    }

    public class Renderer : Component
    {
        public Material sharedMaterial { get; set; }
        public Material material { get; set; }
    }

    public class MeshRenderer : Renderer { }
    public class Collider : Component { }
    public class SphereCollider : Collider { }
    public class CapsuleCollider : Collider { }
}
