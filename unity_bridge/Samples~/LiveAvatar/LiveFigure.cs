using System.Collections.Generic;
using MocapBridge;
using UnityEngine;

/// <summary>
/// A figure made of plain shapes that follows somebody in front of the camera. Add it to an empty
/// object and press Play; it makes the receiver too, if there is none.
/// </summary>
[AddComponentMenu("Mocap Bridge/Samples/Live Figure")]
public sealed class LiveFigure : MonoBehaviour
{
    [Tooltip("Where `mocap live` runs.")]
    public string address = "127.0.0.1:8765";

    [Tooltip("Its token, if it is another computer.")]
    public string token = "";

    [Tooltip("The number of the person to follow. -1: the first whom no other character follows.")]
    public int person = -1;

    struct Part
    {
        public readonly HumanBodyBones Bone, Above; // LastBone: nothing is above
        public readonly Vector3 At; // [m] in the bone above
        public readonly float Thick; // [m]

        public Part(HumanBodyBones bone, HumanBodyBones above, float x, float y, float z, float thick)
        {
            Bone = bone;
            Above = above;
            At = new Vector3(x, y, z);
            Thick = thick;
        }
    }

    static readonly Part[] Parts =
    {
        new Part(HumanBodyBones.Hips, HumanBodyBones.LastBone, 0f, 0.93f, 0f, 0.11f),
        new Part(HumanBodyBones.Spine, HumanBodyBones.Hips, 0f, 0.10f, 0f, 0.10f),
        new Part(HumanBodyBones.Chest, HumanBodyBones.Spine, 0f, 0.12f, 0f, 0.11f),
        new Part(HumanBodyBones.Neck, HumanBodyBones.Chest, 0f, 0.29f, 0f, 0.05f),
        new Part(HumanBodyBones.Head, HumanBodyBones.Neck, 0f, 0.10f, 0f, 0.10f),
        new Part(HumanBodyBones.LeftUpperArm, HumanBodyBones.Chest, -0.175f, 0.25f, 0f, 0.05f),
        new Part(HumanBodyBones.LeftLowerArm, HumanBodyBones.LeftUpperArm, -0.28f, 0f, 0f, 0.045f),
        new Part(HumanBodyBones.LeftHand, HumanBodyBones.LeftLowerArm, -0.25f, 0f, 0f, 0.04f),
        new Part(HumanBodyBones.RightUpperArm, HumanBodyBones.Chest, 0.175f, 0.25f, 0f, 0.05f),
        new Part(HumanBodyBones.RightLowerArm, HumanBodyBones.RightUpperArm, 0.28f, 0f, 0f, 0.045f),
        new Part(HumanBodyBones.RightHand, HumanBodyBones.RightLowerArm, 0.25f, 0f, 0f, 0.04f),
        new Part(HumanBodyBones.LeftUpperLeg, HumanBodyBones.Hips, -0.09f, 0f, 0f, 0.07f),
        new Part(HumanBodyBones.LeftLowerLeg, HumanBodyBones.LeftUpperLeg, 0f, -0.43f, 0f, 0.055f),
        new Part(HumanBodyBones.LeftFoot, HumanBodyBones.LeftLowerLeg, 0f, -0.43f, 0f, 0.045f),
        new Part(HumanBodyBones.LeftToes, HumanBodyBones.LeftFoot, 0f, -0.05f, 0.13f, 0.03f),
        new Part(HumanBodyBones.RightUpperLeg, HumanBodyBones.Hips, 0.09f, 0f, 0f, 0.07f),
        new Part(HumanBodyBones.RightLowerLeg, HumanBodyBones.RightUpperLeg, 0f, -0.43f, 0f, 0.055f),
        new Part(HumanBodyBones.RightFoot, HumanBodyBones.RightLowerLeg, 0f, -0.43f, 0f, 0.045f),
        new Part(HumanBodyBones.RightToes, HumanBodyBones.RightFoot, 0f, -0.05f, 0.13f, 0.03f),
    };

    void Start()
    {
        if (MocapReceiver.First == null)
            MakeReceiver();
        var avatar = gameObject.AddComponent<MocapAvatar>();
        avatar.Person = person;
        var made = new Dictionary<HumanBodyBones, Transform>();
        foreach (var part in Parts)
        {
            Transform above;
            var hasParent = made.TryGetValue(part.Above, out above);
            var joint = new GameObject(part.Bone.ToString()).transform;
            joint.SetParent(hasParent ? above : transform, false);
            joint.localPosition = part.At;
            Ball(joint, part.Thick);
            if (hasParent)
                Rod(above, part.At, part.Thick);
            made.Add(part.Bone, joint);
            avatar.SetBone(part.Bone, joint);
        }
    }

    void MakeReceiver()
    {
        var owner = new GameObject("Mocap Receiver");
        owner.SetActive(false); // until it knows where to connect to
        var receiver = owner.AddComponent<MocapReceiver>();
        receiver.Address = address;
        receiver.Token = token;
        owner.AddComponent<MocapGizmos>();
        owner.SetActive(true);
    }

    // Colliders are named by their own classes, so that built games, from which Unity strips what
    // nobody names, have them: CreatePrimitive needs them.
    static void Ball(Transform joint, float thick)
    {
        var ball = GameObject.CreatePrimitive(PrimitiveType.Sphere).transform;
        Destroy(ball.GetComponent<SphereCollider>());
        ball.SetParent(joint, false);
        ball.localScale = 2f * thick * Vector3.one;
    }

    /// <summary>From a joint to a place in it.</summary>
    static void Rod(Transform from, Vector3 to, float thick)
    {
        var rod = GameObject.CreatePrimitive(PrimitiveType.Cylinder).transform; // 2 m high, 1 m thick
        Destroy(rod.GetComponent<CapsuleCollider>());
        rod.SetParent(from, false);
        rod.localPosition = 0.5f * to;
        rod.localRotation = Quaternion.FromToRotation(Vector3.up, to);
        rod.localScale = new Vector3(thick, 0.5f * to.magnitude, thick);
    }
}
