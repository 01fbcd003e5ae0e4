"""What is known of a robot before it moves: URDF, profile, fleet file."""
from physai_ros.robots.description import load_description
from physai_ros.robots.fleet import Fleet, FleetRobot, load_fleet
from physai_ros.robots.profile import load_profile, Profile
from physai_ros.robots.urdf import Description, Joint, parse

__all__ = ['Description', 'Fleet', 'FleetRobot', 'Joint', 'Profile', 'load_description',
           'load_fleet', 'load_profile', 'parse']
