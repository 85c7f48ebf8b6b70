+ MocapBridge 0.1.0 ./mocap_bridge
