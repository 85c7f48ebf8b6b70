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

    // Each bone, the one above it, where it is in that [m], and how thick what is drawn of it [m].
    static readonly object[][] Bones =
    {
        new object[] { HumanBodyBones.Hips, HumanBodyBones.LastBone, 0f, 0.93f, 0f, 0.11f },
        new object[] { HumanBodyBones.Spine, HumanBodyBones.Hips, 0f, 0.10f, 0f, 0.10f },
        new object[] { HumanBodyBones.Chest, HumanBodyBones.Spine, 0f, 0.12f, 0f, 0.11f },
        new object[] { HumanBodyBones.Neck, HumanBodyBones.Chest, 0f, 0.29f, 0f, 0.05f },
        new object[] { HumanBodyBones.Head, HumanBodyBones.Neck, 0f, 0.10f, 0f, 0.10f },
        new object[] { HumanBodyBones.LeftUpperArm, HumanBodyBones.Chest, -0.175f, 0.25f, 0f, 0.05f },
        new object[] { HumanBodyBones.LeftLowerArm, HumanBodyBones.LeftUpperArm, -0.28f, 0f, 0f, 0.045f },
        new object[] { HumanBodyBones.LeftHand, HumanBodyBones.LeftLowerArm, -0.25f, 0f, 0f, 0.04f },
        new object[] { HumanBodyBones.RightUpperArm, HumanBodyBones.Chest, 0.175f, 0.25f, 0f, 0.05f },
        new object[] { HumanBodyBones.RightLowerArm, HumanBodyBones.RightUpperArm, 0.28f, 0f, 0f, 0.045f },
        new object[] { HumanBodyBones.RightHand, HumanBodyBones.RightLowerArm, 0.25f, 0f, 0f, 0.04f },
        new object[] { HumanBodyBones.LeftUpperLeg, HumanBodyBones.Hips, -0.09f, 0f, 0f, 0.07f },
        new object[] { HumanBodyBones.LeftLowerLeg, HumanBodyBones.LeftUpperLeg, 0f, -0.43f, 0f, 0.055f },
        new object[] { HumanBodyBones.LeftFoot, HumanBodyBones.LeftLowerLeg, 0f, -0.43f, 0f, 0.045f },
        new object[] { HumanBodyBones.LeftToes, HumanBodyBones.LeftFoot, 0f, -0.05f, 0.13f, 0.03f },
        new object[] { HumanBodyBones.RightUpperLeg, HumanBodyBones.Hips, 0.09f, 0f, 0f, 0.07f },
        new object[] { HumanBodyBones.RightLowerLeg, HumanBodyBones.RightUpperLeg, 0f, -0.43f, 0f, 0.055f },
        new object[] { HumanBodyBones.RightFoot, HumanBodyBones.RightLowerLeg, 0f, -0.43f, 0f, 0.045f },
        new object[] { HumanBodyBones.RightToes, HumanBodyBones.RightFoot, 0f, -0.05f, 0.13f, 0.03f },
    };

    void Start()
    {
        if (MocapReceiver.First == null)
            MakeReceiver();
        var avatar = gameObject.AddComponent<MocapAvatar>();
        avatar.Person = person;
        var made = new Dictionary<HumanBodyBones, Transform>();
        foreach (var row in Bones)
        {
            var bone = (HumanBodyBones)row[0];
            Transform above;
            var hasParent = made.TryGetValue((HumanBodyBones)row[1], out above);
            var joint = new GameObject(bone.ToString()).transform;
            joint.SetParent(hasParent ? above : transform, false);
            joint.localPosition = new Vector3((float)row[2], (float)row[3], (float)row[4]);
            Ball(joint, (float)row[5]);
            if (hasParent)
                Rod(above, joint.localPosition, (float)row[5]);
            made.Add(bone, joint);
            avatar.SetBone(bone, joint);
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

    static void Ball(Transform joint, float thick)
    {
        var ball = GameObject.CreatePrimitive(PrimitiveType.Sphere).transform;
        Destroy(ball.GetComponent<Collider>());
        ball.SetParent(joint, false);
        ball.localScale = 2f * thick * Vector3.one;
    }

    /// <summary>From a joint to a place in it.</summary>
    static void Rod(Transform from, Vector3 to, float thick)
    {
        var rod = GameObject.CreatePrimitive(PrimitiveType.Cylinder).transform; // 2 m high, 1 m thick
        Destroy(rod.GetComponent<Collider>());
        rod.SetParent(from, false);
        rod.localPosition = 0.5f * to;
        rod.localRotation = Quaternion.FromToRotation(Vector3.up, to);
        rod.localScale = new Vector3(thick, 0.5f * to.magnitude, thick);
    }
}
