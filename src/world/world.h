// The one mutable picture of the cluster: applies watch events in order, holds intents, publishes
// snapshots. It decides nothing.
//
//   World world;
//   api.subscribe(kind, [&](const k8s::ObjectEvent& e) { world.apply(e); });   // for kinds()
//   world.set_catalogue("EC2NodeClass", "default", catalogue);
//   SnapshotPtr now = world.snapshot(clock.wall());
//
// Every derived fact (pods per node, usage per pool, daemon pod per daemon set) is brought up to
// date when an event is applied; publication only copies page tables. Nodes and NodeClaims are
// merged by provider id (LIF-20). Thread rule: one thread; the snapshots are free.
#pragma once

#include <array>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "k8s/kube_api.h"
#include "k8s/time.h"
#include "model/pod_shape.h"
#include "world/snapshot.h"

namespace world {

// What every World wants to be subscribed to.
inline constexpr std::array kWorldKinds{k8s::Kind::kNodePool,
                                        k8s::Kind::kNodeClaim,
                                        k8s::Kind::kNode,
                                        k8s::Kind::kPod,
                                        k8s::Kind::kEC2NodeClass,
                                        k8s::Kind::kKWOKNodeClass,
                                        k8s::Kind::kDaemonSet,
                                        k8s::Kind::kDeployment,
                                        k8s::Kind::kReplicaSet,
                                        k8s::Kind::kStatefulSet,
                                        k8s::Kind::kPersistentVolumeClaim,
                                        k8s::Kind::kPersistentVolume,
                                        k8s::Kind::kStorageClass,
                                        k8s::Kind::kCSINode,
                                        k8s::Kind::kVolumeAttachment,
                                        k8s::Kind::kPodDisruptionBudget,
                                        k8s::Kind::kNamespace};

// What it wants as well with a feature on; clusters may lack these kinds, or keep us from them.
inline constexpr std::array kDeviceKinds{
    k8s::Kind::kResourceClaim, k8s::Kind::kResourceSlice, k8s::Kind::kDeviceClass};
inline constexpr std::array kBufferKinds{k8s::Kind::kCapacityBuffer, k8s::Kind::kPodTemplate};
inline constexpr std::array kOverlayKinds{k8s::Kind::kNodeOverlay};
inline constexpr std::array kSpreadKinds{k8s::Kind::kService, k8s::Kind::kReplicationController};

// Something that we did and that the API has not echoed yet, or that only we know.
enum class IntentKind : std::uint8_t {
  kCreatedClaim,  // A NodeClaim was written; satisfied when it is seen.
  kNomination,    // Pods are expected on this machine: it is no disruption candidate (LIF-38).
  kDeletion,      // A command will delete this machine: it takes no pods (LIF-47).
  kLaunch,        // The cloud has been asked and has not answered.
};

// A claim that was written and never seen: the answer came, the watch did not.
inline constexpr k8s::DurationNs kEchoTimeout = 30 * k8s::kSecond;

struct Intent {
  IntentKind kind;
  std::string claim;      // The NodeClaim's name.
  k8s::TimeNs until = 0;  // Forgotten after that; 0: until dropped or satisfied.
  std::string pool = {};  // kCreatedClaim: whose count it is part of (LIF-53).
};

struct WorldOptions {
  // Node class kinds that are ours, as group and kind; empty: all. Claims and pools of others are
  // invisible.
  std::vector<std::pair<std::string, std::string>> class_kinds;
  // Pools count as ready whatever their conditions say: offline, nobody sets them.
  bool assume_ready = false;
  bool wants_devices = false;  // kDeviceKinds
  bool wants_buffers = false;  // kBufferKinds
  // kOverlayKinds. Pools then have only the catalogues that set_pool_catalogues() gives them.
  bool wants_overlays = false;
  bool wants_services = false;  // kSpreadKinds: default spread constraints look at them (OPR-19).
};

class World {
 public:
  explicit World(WorldOptions options = {});

  // The kinds to subscribe to.
  std::vector<k8s::Kind> kinds() const;

  // Applies one watch event. An event of another kind is ignored.
  void apply(const k8s::ObjectEvent& event);
  // Offline: nothing more will come, the picture is complete.
  void mark_synced();
  // What the node class can sell from now on.
  void set_catalogue(std::string_view class_kind,
                     std::string_view class_name,
                     cloud::CataloguePtr catalogue);
  // What each pool sees of its class's catalogue, overlays applied; the others are not evaluated
  // (LIF-205, LIF-207).
  void set_pool_catalogues(std::map<std::string, cloud::CataloguePtr, std::less<>> catalogues);

  // An intent of the same kind and claim is replaced; of two nominations the later end stays.
  void add_intent(const Intent& intent);
  void drop_intent(IntentKind kind, std::string_view claim);
  bool has_intent(IntentKind kind, std::string_view claim) const;
  // Claims of the pool that were written and not seen yet.
  std::int64_t created_claims(std::string_view pool) const;

  // The picture at `now`: the same pointer as before when nothing changed since.
  SnapshotPtr snapshot(k8s::TimeNs now);

  // True when the initial lists are complete, every claim is launched and every write is echoed
  // (LIF-41, LIF-42).
  bool is_synced() const;

  // Ids by name, valid in the snapshot published next.
  std::optional<NodeId> find_node(std::string_view name) const;
  std::optional<NodeId> find_claim(std::string_view name) const;
  std::optional<NodeId> find_provider(std::string_view provider_id) const;
  std::optional<PodId> find_pod(std::string_view namespace_, std::string_view name) const;

  // Is this object, by name and uid, in the picture? Only for nodes, claims, pools, classes, pods.
  bool knows(const k8s::Object& object) const;
  // What the class of `ref` can sell; null: not known.
  cloud::CataloguePtr find_catalogue(const k8s::NodeClassRef& ref) const;
  // The same as the claim's pool sees it.
  cloud::CataloguePtr find_catalogue(const k8s::NodeClaim& claim) const;

  // Pods that carry the annotation do-not-disrupt, whatever it says.
  const std::set<PodId>& guarded_pods() const { return guarded_; }

  // Is the initial list of this kind complete? Are all?
  bool has_list(k8s::Kind kind) const { return !unsynced_.contains(kind); }

  bool has_lists() const { return unsynced_.empty(); }

  const std::map<std::string, std::shared_ptr<const k8s::NodePool>, std::less<>>& pools() const {
    return pools_;
  }

  const SharedList<std::shared_ptr<const k8s::CapacityBuffer>>& capacity_buffers() const {
    return data_.capacity_buffers;
  }

  const Table<NodeRow>& nodes() const { return data_.nodes; }

  const Table<PodRow>& pods() const { return data_.pods; }

 private:
  static constexpr k8s::TimeNs kNever = std::numeric_limits<k8s::TimeNs>::max();

  struct Hash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  template <typename V>
  using ByName = std::unordered_map<std::string, V, Hash, std::equal_to<>>;

  // Live pods of one daemon set, newest last.
  struct DaemonPods {
    std::set<std::tuple<k8s::TimeNs, std::string, PodId>> pods;  // By age, then name.
  };

  bool is_ours(const k8s::NodeClassRef& ref) const;

  void touch() { last_ = nullptr; }

  // What the picture holds under the object's name; nullptr: nothing, or a kind not asked about.
  const k8s::Object* find_known(const k8s::Object& object) const;
  void apply_object(const k8s::ObjectEvent& event);
  void apply_other(const k8s::ObjectEvent& event);
  void apply_workload(const k8s::ObjectEvent& event);

  void apply_claim(const std::shared_ptr<const k8s::NodeClaim>& claim);
  void remove_claim(const k8s::NodeClaim& claim);
  void apply_node(const std::shared_ptr<const k8s::Node>& node);
  void remove_node(std::string_view name);
  void attach_node(const std::shared_ptr<const k8s::Node>& node, const std::string& provider_id);
  void join_provider(NodeId id, const std::string& provider_id);
  NodeId insert_row(NodeRow row);
  void drop_row(NodeId id);
  void update_row(NodeId id, const std::function<void(NodeRow&)>& change);
  void refresh_row(NodeRow& row) const;
  void collect_pods(NodeRow& row) const;

  void apply_pod(const std::shared_ptr<const k8s::Pod>& pod);
  void remove_pod(const k8s::Pod& pod);
  void bind_pod(PodId id, const PodRow& row);
  void unbind_pod(PodId id, const PodRow& row);
  void track_daemon_pod(PodId id, const k8s::Pod& pod, bool is_live);
  void track_guard(PodId id, bool is_guarded);

  void account(const NodeRow& row, bool is_added);
  void rebuild_pools();
  void rebuild_daemon_pods();
  void expire_intents(k8s::TimeNs now);
  void refresh_claim_row(std::string_view claim);

  WorldOptions options_;
  model::PodShapes shapes_;
  Snapshot data_;     // The picture being edited.
  SnapshotPtr last_;  // Published and still true; null: something changed.
  std::set<k8s::Kind> unsynced_;

  ByName<NodeId> node_by_name_;
  ByName<NodeId> node_by_claim_;
  ByName<NodeId> node_by_provider_;
  ByName<PodId> pod_by_name_;
  ByName<std::vector<PodId>> bound_;  // Live pods by node name, also of unknown nodes; sorted.
  std::set<std::string, std::less<>> unlaunched_;

  std::map<std::string, std::shared_ptr<const k8s::NodePool>, std::less<>> pools_;
  ByName<k8s::Resources> usage_;
  ByName<cloud::CataloguePtr> catalogues_;  // By "kind/name" of the class.
  std::map<std::string, cloud::CataloguePtr, std::less<>> pool_catalogues_;
  bool pools_changed_ = true;

  ByName<DaemonPods> daemon_pods_;  // By namespace/name of the daemon set.
  bool daemons_changed_ = true;

  struct Pending {
    k8s::TimeNs until = 0;
    std::string pool = {};
  };

  std::map<std::pair<std::string, IntentKind>, Pending> intents_;
  k8s::TimeNs next_expiry_ = kNever;  // No intent ends before.
  std::set<PodId> guarded_;           // Pods with the annotation do-not-disrupt.
};

}  // namespace world
