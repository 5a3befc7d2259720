"""How Chromium is started to be driven: quietly, and as little of it as the pages need."""

#: What the driver itself switches off (of two lists the last counts), and the two pages of the address bar that each
#: window makes ready: nobody types there, and they cost more than most pages of ours.
_WITHOUT = (
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter",
    "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
    "ThirdPartyStoragePartitioning", "WebUIOmniboxAimPopup", "WebUIOmniboxPopup",
)  # fmt: skip
#: No sandbox, because a container's root has none; the rest keeps Chromium from calling home while it is being tried.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    f"--disable-features={','.join(_WITHOUT)}",
)  # fmt: skip
