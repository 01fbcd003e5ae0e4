"""The nodes: one file each, thin."""
from physai_ros.supervise.child import end_with_starter

end_with_starter()  # here, as a node takes seconds to load where the machine is busy
